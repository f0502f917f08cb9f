import NIOCore

/// Lets a request leave in one piece.
///
/// async-http-client flushes a request's head, its body and its empty end each by itself: three system calls, and two
/// segments that wake the other side twice. Here they wait for the end of the event loop's turn.
final class WholeRequests: ChannelOutboundHandler {
    typealias OutboundIn = IOData

    private var isFlushDue = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard unwrapOutboundIn(data).readableBytes > 0 else {
            // It only says that all was written that came before it.
            promise?.succeed()
            return
        }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        guard !isFlushDue else { return }
        isFlushDue = true
        context.eventLoop.assumeIsolated().execute { self.flushNow(context) }
    }

    /// What was to be flushed is not lost by it: with TLS the last word of a connection.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        flushNow(context)
        context.close(mode: mode, promise: promise)
    }

    private func flushNow(_ context: ChannelHandlerContext) {
        guard isFlushDue else { return }
        isFlushDue = false
        context.flush()
    }
}
