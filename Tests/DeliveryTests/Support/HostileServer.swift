import NIOCore
import NIOPosix
import TestSupport

/// A server that answers every connection with bytes of its own choice, for as long as it is listened to.
final class HostileServer: Sendable {
    /// Bytes sent so far, to all connections.
    let sent = Locked(0)
    /// How many connections were closed by the other side.
    let closed = Locked(0)

    /// - Parameters:
    ///   - first: sent once, when the first bytes of a request have come.
    ///   - rest: sent after it again and again; empty for nothing.
    ///   - pause: between two of them.
    static func with<Result>(
        first: String, rest: String = "", pause: TimeAmount = .zero,
        body: (_ server: HostileServer, _ base: String) async throws -> Result
    ) async throws -> Result {
        let server = HostileServer()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        HostileHandler(server: server, first: first, rest: rest, pause: pause))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(server, "http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

private final class HostileHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: HostileServer
    private let first: ByteBuffer
    private let rest: ByteBuffer
    private let pause: TimeAmount
    private var hasBegun = false

    init(server: HostileServer, first: String, rest: String, pause: TimeAmount) {
        self.server = server
        self.first = ByteBuffer(string: first)
        self.rest = ByteBuffer(string: rest)
        self.pause = pause
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasBegun else { return }
        hasBegun = true
        Self.send(first, then: rest, every: pause, to: context.channel, server: server)
    }

    func channelInactive(context: ChannelHandlerContext) { server.closed.update { $0 += 1 } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private static func send(
        _ bytes: ByteBuffer, then rest: ByteBuffer, every pause: TimeAmount, to channel: any Channel,
        server: HostileServer
    ) {
        channel.writeAndFlush(bytes).whenSuccess {
            server.sent.update { $0 += bytes.readableBytes }
            guard rest.readableBytes > 0 else { return }
            channel.eventLoop.scheduleTask(in: pause) {
                send(rest, then: rest, every: pause, to: channel, server: server)
            }
        }
    }
}
