import NIOCore
import Synchronization

/// Does for one channel what its ``ConnectionState`` says. Everything here runs on the channel's event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var state: ConnectionState<PendingCommand, NIODeadline>
    private var reader: ReplyReader
    private let handshake: [RedisCommand]
    private let ready: EventLoopPromise<Void>
    private let outbox: Outbox
    private var context: ChannelHandlerContext?
    private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?

    /// - Parameter ready: succeeds when commands may be sent; fails with the ``RedisError`` that prevented it.
    init(configuration: RedisConfiguration, outbox: Outbox, ready: EventLoopPromise<Void>) throws(RedisError) {
        reader = try ReplyReader()
        handshake = configuration.handshake
        state = ConnectionState(
            handshake: handshake.count, deadline: .now() + TimeAmount(configuration.connectTimeout))
        self.outbox = outbox
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        var buffer = ByteBuffer()
        for command in handshake { command.write(to: &buffer) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        watchDeadline()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() { take(reply) }
        } catch {
            close(error)
        }
    }

    private func take(_ reply: RedisReply) {
        switch state.receive(error: reply.error) {
        case .answer(let command): command.resume(.success(reply))
        case .answerAndClose(let command, let error):
            command.resume(.success(reply))
            close(error)
        case .becameReady: ready.succeed()
        case .close(let error): close(error)
        case .nothing: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.connectionLost, "\(error)", mayHaveRun: true))
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(RedisError(.connectionLost, "the server closed the connection", mayHaveRun: true))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Writes everything that tasks have left in the outbox, with one flush.
    func writeOutbox() {
        var buffer = ByteBuffer()
        for pending in outbox.takeAll() {
            guard !pending.isCancelled.load(ordering: .acquiring) else {
                pending.resume(.failure(.cancelledUnsent))
                continue
            }
            switch state.send(pending, deadline: .now() + pending.timeout) {
            case .write: pending.command.write(to: &buffer)
            case .fail(let error): pending.resume(.failure(error))
            }
        }
        guard buffer.readableBytes > 0 else { return }
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        watchDeadline()
    }

    /// The command's task was cancelled. If it is still in the outbox it will not be written.
    func cancel(_ pending: PendingCommand) {
        state.cancel { $0 === pending }?.resume(
            .failure(RedisError(.cancelled, "the task was cancelled", mayHaveRun: true)))
    }

    /// Fails everything that waits, and closes the channel.
    func close(_ error: RedisError) {
        timer?.task.cancel()
        for pending in state.close(error) { pending.resume(.failure(error)) }
        ready.fail(error)
        context?.close(promise: nil)
    }

    /// Keeps one timer, for the answer that is due first, however many commands are in flight.
    private func watchDeadline() {
        guard let context, let deadline = state.nextDeadline else { return }
        // An earlier one will look again when it fires; a later one is left from a command that could take longer.
        guard timer.map({ $0.deadline > deadline }) ?? true else { return }
        timer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            if let error = self.state.expire(at: .now()) {
                self.close(error)
            } else {
                self.watchDeadline()
            }
        }
        timer = (deadline, task)
    }
}

extension RedisError {
    static let cancelledUnsent = RedisError(.cancelled, "the task was cancelled")
}
