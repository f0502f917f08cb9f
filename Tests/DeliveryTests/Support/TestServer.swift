import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a ``TestServer`` got.
struct ReceivedRequest: Sendable {
    var method: HTTPMethod
    var uri: String
    var headers: HTTPHeaders
    var body: ByteBuffer
    /// 1 for the first connection that the server took.
    var connection: Int

    var text: String { String(buffer: body) }
}

/// What a ``TestServer`` does once a whole request has arrived.
enum Reaction: Sendable {
    case answer(HTTPResponseStatus, HTTPHeaders = [:], String = "")
    /// The head and a part of the body, and never the rest.
    case beginAnswer(HTTPResponseStatus, String)
    case silence
    case close
    case reset
}

/// A server on a port of its own that answers, and misbehaves, by script.
final class TestServer: Sendable {
    let port: Int

    private let channel: any Channel
    private let log: Log

    /// Runs a server while `body` runs.
    ///
    /// - Parameter prepare: adds what stands before HTTP in a connection's pipeline: TLS.
    static func with<Result>(
        _ react: @escaping @Sendable (ReceivedRequest) -> Reaction, host: String = "127.0.0.1", port: Int = 0,
        prepare: @escaping @Sendable (any Channel) throws -> Void = { _ in },
        body: (TestServer) async throws -> Result
    ) async throws -> Result {
        let server = try await TestServer(host: host, port: port, prepare: prepare, react: react)
        do {
            let result = try await body(server)
            try await server.channel.close()
            return result
        } catch {
            try? await server.channel.close()
            throw error
        }
    }

    /// Takes connections and says nothing, whatever comes: no HTTP, no TLS.
    static func withMute<Result>(body: (_ port: Int) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(channel.localAddress?.port ?? 0)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// A port that nobody listens on.
    static func closedPort() async throws -> Int {
        try await withMute { $0 }
    }

    private init(
        host: String, port: Int, prepare: @escaping @Sendable (any Channel) throws -> Void,
        react: @escaping @Sendable (ReceivedRequest) -> Reaction
    ) async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try prepare(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptedHandler(connection: log.nextConnection(), log: log, react: react))
                }
            }
            .bind(host: host, port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    var base: String { "http://127.0.0.1:\(port)" }

    /// All requests so far, in order.
    var received: [ReceivedRequest] { log.all }

    /// The next request that arrived whole; waits for it.
    func nextRequest() async -> ReceivedRequest? {
        var iterator = log.arrivals.makeAsyncIterator()
        return await iterator.next()
    }
}

private final class Log: Sendable {
    let arrivals: AsyncStream<ReceivedRequest>
    private let announce: AsyncStream<ReceivedRequest>.Continuation
    private let requests = Mutex<[ReceivedRequest]>([])
    private let connections = Atomic(0)

    init() { (arrivals, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(100)) }

    var all: [ReceivedRequest] { requests.withLock { $0 } }

    func nextConnection() -> Int { connections.add(1, ordering: .relaxed).newValue }

    func add(_ request: ReceivedRequest) {
        requests.withLock { $0.append(request) }
        announce.yield(request)
    }
}

private final class ScriptedHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let connection: Int
    private let log: Log
    private let react: @Sendable (ReceivedRequest) -> Reaction
    private var request: ReceivedRequest?

    init(connection: Int, log: Log, react: @escaping @Sendable (ReceivedRequest) -> Reaction) {
        self.connection = connection
        self.log = log
        self.react = react
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = ReceivedRequest(
                method: head.method, uri: head.uri, headers: head.headers, body: ByteBuffer(), connection: connection)
        case .body(var part):
            request?.body.writeBuffer(&part)
        case .end:
            guard let request else { return }
            self.request = nil
            log.add(request)
            perform(react(request), context: context)
        }
    }

    private func perform(_ reaction: Reaction, context: ChannelHandlerContext) {
        switch reaction {
        case .answer(let status, var headers, let body):
            headers.replaceOrAdd(name: "content-length", value: String(body.utf8.count))
            context.write(
                wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .beginAnswer(let status, let body):
            let headers: HTTPHeaders = ["content-length": String(body.utf8.count + 1000)]
            context.write(
                wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        case .silence:
            break
        case .close:
            context.close(promise: nil)
        case .reset:
            // Closing with data to linger for no time sends RST in place of FIN.
            let channel = context.channel
            (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                .whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
