import AsyncHTTPClient
import NIOCore
import Synchronization

/// Connections to customers' endpoints, each to an address that was checked before.
///
/// A host is resolved here and not by the HTTP client, so that nothing can come between the check and the connection:
/// the client is given the address that was checked, and asks nobody. It knows such an address per client and not per
/// request, so every host and address has a client of its own. Server name, certificate and `Host` stay those of the
/// endpoint's address.
final class EndpointClients: Sendable {
    /// How many of a host's addresses are tried, one after the other, while none can be reached.
    private static let mostAddresses = 3
    private static let longestLookup = Duration.seconds(5)

    private let configuration: HTTPClient.Configuration
    private let lookups: NameLookups
    private let cache: Mutex<EndpointCache<HTTPClient>>

    init(_ configuration: HTTPClient.Configuration, resolver: NameResolver, cache: EndpointCache<HTTPClient>) {
        self.configuration = configuration
        lookups = NameLookups(resolver)
        self.cache = Mutex(cache)
    }

    /// Sends `request` once, as ``AsyncHTTPClient/HTTPClient/exchange(_:body:timeout:)`` does.
    ///
    /// - Parameter timeout: for everything, the host's lookup too.
    /// - Throws: ``AddressRefused`` where the host has addresses and `guard` permits none of them.
    func exchange(
        _ request: HTTPClient.Request, body: ByteBuffer, timeout: Duration, guard wall: AddressGuard
    ) async throws(AddressRefused) -> Exchange {
        let end = ContinuousClock.now + timeout
        let found: [IPAddress]
        do {
            found = try await addresses(of: request.host, within: min(timeout, Self.longestLookup))
        } catch {
            return .failed(
                TransportFailure(requestMayHaveArrived: false, reason: TransportFailure.reason(for: error)))
        }
        let permitted = found.filter(wall.permits)
        guard let first = permitted.first else { throw AddressRefused() }
        var exchange = await post(request, body: body, to: first, until: end)
        for address in permitted.dropFirst().prefix(Self.mostAddresses - 1) {
            guard case .failed(let failure) = exchange, !failure.requestMayHaveArrived, ContinuousClock.now < end,
                !Task.isCancelled
            else { break }
            exchange = await post(request, body: body, to: address, until: end)
        }
        return exchange
    }

    func shutdown() async throws {
        lookups.shutdown()
        for client in cache.withLock({ $0.removeAll() }) { try await client.shutdown() }
    }

    private func addresses(of host: String, within timeout: Duration) async throws -> [IPAddress] {
        if let literal = IPAddress(literal: host) { return [literal] }
        if let known = cache.withLock({ $0.addresses(of: host, now: .now) }) { return known }
        let found = try await lookups.addresses(of: host, within: timeout)
        return cache.withLock { $0.keep(found, of: host, now: .now) }
    }

    private func post(
        _ request: HTTPClient.Request, body: ByteBuffer, to address: IPAddress, until end: ContinuousClock.Instant
    ) async -> Exchange {
        let place = EndpointCache<HTTPClient>.Place(host: request.host, address: address)
        let (client, retired) = cache.withLock { cache in
            cache.take(place, now: .now) { .onOneLoop(configuration(for: place)) }
        }
        // Their connections are idle: nobody has to wait for the end of them.
        for client in retired { client.shutdown { _ in } }
        let exchange = await client.exchange(request, body: body, timeout: end - .now)
        cache.withLock { cache in
            cache.giveBack(place, now: .now)
            if case .failed(let failure) = exchange, !failure.requestMayHaveArrived { cache.demote(place) }
        }
        return exchange
    }

    private func configuration(for place: EndpointCache<HTTPClient>.Place) -> HTTPClient.Configuration {
        var configuration = configuration
        // A host that is an address is connected to as it is.
        if IPAddress(literal: place.host) == nil {
            configuration.dnsOverride = [place.host: place.address.description]
        }
        return configuration
    }
}

/// A host whose every address the guard refuses. It does not say which: that would be a map of the worker's network.
struct AddressRefused: Error {}

extension IPAddress {
    /// The address that stands in a URL in a name's place; IPv6 in brackets.
    fileprivate init?(literal host: String) {
        self.init(parsing: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)
    }
}
