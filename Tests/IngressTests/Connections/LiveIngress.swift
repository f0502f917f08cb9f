import Ingress
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

/// Runs the ingress on a port of its own as long as the body runs.
func withIngress<Value: Sendable>(
    _ intake: FakeIntake = FakeIntake(), _ change: (inout IngressSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (LiveIngress) async throws -> Value
) async throws -> Value {
    var settings = IngressSettings(port: 0)
    change(&settings)
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let (ports, port) = AsyncStream<Int>.makeStream()
    let server = IngressApplication.service(
        IngressParts(intake: intake, suppressions: FakeSuppressions()), settings: settings, logger: logger
    ) { port.yield($0 ?? 0) }
    let services = ServiceGroup(services: [server], logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await services.run() }
        let port = try #require(await ports.first { _ in true })
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(LiveIngress(port: port, services: services)))
        } catch {
            result = .failure(error)
        }
        await services.triggerGracefulShutdown()
        try await group.waitForAll()
        return try result.get()
    }
}

struct LiveIngress: Sendable {
    let port: Int
    let services: ServiceGroup

    func connect() async throws -> Wire {
        let wire = Wire()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Wire.Ear(wire))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        wire.begin(channel)
        return wire
    }

    /// What the server says to some bytes on a connection of their own, up to its closing it.
    func lastWords(to text: String) async throws -> String {
        let wire = try await connect()
        try await wire.send(text)
        try await eventually("the server ends the connection after \(text.prefix(60))") { wire.hasEnded }
        await wire.close()
        return wire.text
    }

    /// Whether somebody who behaves is served.
    func expectService() async throws {
        let wire = try await connect()
        try await wire.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try await eventually("others are served") { wire.text.hasPrefix("HTTP/1.1 200") }
        await wire.close()
    }
}

/// One connection to the ingress, byte for byte.
final class Wire: Sendable {
    private struct State {
        var channel: (any NIOCore.Channel)?
        var bytes = ByteBuffer()
        var hasEnded = false
    }

    private let state = Mutex(State())

    /// What has come in so far.
    var text: String { state.withLock { String(buffer: $0.bytes) } }
    /// Nothing more will come in.
    var hasEnded: Bool { state.withLock(\.hasEnded) }
    /// How many answers have come in.
    var answers: Int { text.components(of: "HTTP/1.1 ").count - 1 }

    fileprivate func begin(_ channel: any NIOCore.Channel) { state.withLock { $0.channel = channel } }

    func send(_ text: String) async throws {
        guard let channel = state.withLock(\.channel) else { return }
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Stops reading, so that the server cannot get rid of its answers.
    func stopReading() async throws {
        try await state.withLock(\.channel)?.setOption(.autoRead, value: false).get()
    }

    func close() async { try? await state.withLock(\.channel)?.close() }

    fileprivate final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let wire: Wire

        init(_ wire: Wire) { self.wire = wire }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            wire.state.withLock { _ = $0.bytes.writeBuffer(&bytes) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { end() }
        }

        func channelInactive(context: ChannelHandlerContext) { end() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func end() { wire.state.withLock { $0.hasEnded = true } }
    }
}

extension String {
    /// The parts between the places where a text stands.
    func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
