import AsyncHTTPClient
import NIOCore
import NIOSSL

/// The connections of a process to those it delivers to.
///
/// Two pools, because vendors and customers' endpoints behave differently: a vendor is one host with many connections
/// that are worth waiting for; endpoints are many hosts, each with few, and a dead one is to let go of its slot at
/// once. A vendor's host is the operator's word; an endpoint's is a customer's, and goes through ``EndpointClients``.
/// Neither follows a redirect, and neither asks a proxy, whatever the environment says. Both speak HTTP/1.1 only, so
/// that a broken connection leaves one message in doubt and not a hundred that shared it.
public struct OutboundHTTP: Sendable {
    let vendors: HTTPClient
    let endpoints: EndpointClients

    /// - Parameters:
    ///   - connectTimeout: until a request has a connection, whether it waits for a free one or for a new one's TCP and
    ///     TLS handshakes; then it fails as not sent.
    ///   - connectionsPerVendor: how many requests to one vendor can be on their way at once; further ones wait. At
    ///     least the worker's slots for the channels that the vendor carries.
    ///   - connectionsPerEndpoint: the same for one endpoint's host.
    public init(
        connectTimeout: Duration = .seconds(5), connectionsPerVendor: Int = 1024, connectionsPerEndpoint: Int = 32
    ) {
        self.init(
            connectTimeout: connectTimeout, connectionsPerVendor: connectionsPerVendor,
            connectionsPerEndpoint: connectionsPerEndpoint, resolver: .system)
    }

    /// - Parameters:
    ///   - resolver: finds the endpoints' hosts; not the vendors'.
    ///   - endpointRoots: whose certificates endpoints may have.
    init(
        connectTimeout: Duration = .seconds(5), connectionsPerVendor: Int = 1024, connectionsPerEndpoint: Int = 32,
        resolver: NameResolver, endpointRoots: NIOSSLTrustRoots = .shared,
        cache: EndpointCache<HTTPClient> = EndpointCache()
    ) {
        vendors = .onOneLoop(
            Self.configuration(
                connectTimeout: connectTimeout, connections: connectionsPerVendor, retriesConnecting: true))
        var configuration = Self.configuration(
            connectTimeout: connectTimeout, connections: connectionsPerEndpoint, retriesConnecting: false)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = endpointRoots
        configuration.tlsConfiguration = tls
        endpoints = EndpointClients(configuration, resolver: resolver, cache: cache)
    }

    /// Closes all connections. To be called once, after the last handler has ended.
    public func shutdown() async throws {
        try await vendors.shutdown()
        try await endpoints.shutdown()
    }

    private static func configuration(
        connectTimeout: Duration, connections: Int, retriesConnecting: Bool
    ) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: TimeAmount(connectTimeout)))
        configuration.httpVersion = .http1Only
        // Nobody outside is told of a trace, and a request has its span already (``RequestSpan``).
        configuration.tracing.tracer = nil
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.connectionPool.retryConnectionEstablishment = retriesConnecting
        // Shorter than what servers and load balancers keep an idle connection for (60 s and more): one that they close
        // just as it is used again leaves a message in doubt.
        configuration.connectionPool.idleTimeout = .seconds(20)
        return configuration
    }
}

extension HTTPClient {
    /// A client all of whose requests and connections are on one event loop.
    ///
    /// Where they are on two, async-http-client 1.37 learns of the end of a request's body a moment late: a server that
    /// has answered before that, and closes, makes it release a connection that it no longer knows, which ends the
    /// process (`HTTP1Connections.releaseConnection`).
    static func onOneLoop(_ configuration: Configuration) -> HTTPClient {
        HTTPClient(eventLoopGroup: defaultEventLoopGroup.next(), configuration: configuration)
    }
}
