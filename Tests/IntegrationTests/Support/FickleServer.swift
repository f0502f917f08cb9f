import NIOCore
import NIOPosix
import TestSupport

/// A server that accepts everybody and hangs up a moment later, as a proxy does whose Redis is away.
final class FickleServer: Sendable {
    private let accepted: Locked<Int>
    private let channel: any Channel

    init() async throws {
        let accepted = Locked(0)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                accepted.update { $0 += 1 }
                channel.eventLoop.scheduleTask(in: .milliseconds(5)) { channel.close(promise: nil) }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.accepted = accepted
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    /// How many connections it has had.
    var connections: Int { accepted.value }

    func stop() async throws { try await channel.close() }
}
