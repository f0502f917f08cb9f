import Foundation
import NIOCore
import Synchronization

/// Whether connections are let in. While it is shut, each is reset as it comes, before anything is read, and those that
/// were open before when more comes on them.
///
/// The port itself stays open, so that a client meets a reset, not a refusal.
final class Door: Sendable {
    private let shutUntil = Mutex<ContinuousClock.Instant?>(nil)

    var isShut: Bool {
        shutUntil.withLock { until in until.map { ContinuousClock.now < $0 } ?? false }
    }

    func shut(for time: Duration) {
        shutUntil.withLock { $0 = ContinuousClock.now + time }
    }
}

/// Stands in each connection.
final class Doorkeeper: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let door: Door

    init(_ door: Door) {
        self.door = door
    }

    func channelActive(context: ChannelHandlerContext) {
        if door.isShut { reset(context) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if door.isShut { return reset(context) }
        context.fireChannelRead(data)
    }

    private func reset(_ context: ChannelHandlerContext) {
        // Without lingering a close is a reset.
        if let socket = context.channel as? any SocketOptionProvider {
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        context.close(promise: nil)
    }
}
