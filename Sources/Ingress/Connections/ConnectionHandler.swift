import Hummingbird
import Messaging
import NIOCore
import NIOHTTP1

/// What went wrong with a connection in the middle of a request.
enum ConnectionFault: Error {
    /// The body came too slowly.
    case slowBody
}

/// Asks the client for the body that it offered with `Expect: 100-continue`: an outbound event.
struct BodyWanted: Sendable {}

/// Holds one connection to its limits. It stands between the decoder and everything else, so that it sees heads and
/// bodies of requests and answers, and refuses by itself what never becomes a request.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private(set) var state = ConnectionState(now: .now())
    /// Its place among those that its event loop watches.
    var place = 0
    private let limits: ConnectionLimits
    private let watch: ConnectionWatch
    private let door: Door?
    private let admission: ConnectionWatches.Admission
    private var context: ChannelHandlerContext?
    /// The client sends the body only if it is asked to, and was not.
    private var bodyIsAwaited = false
    /// Since the last complete read.
    private var hasReadPart = false

    init(limits: ConnectionLimits, watch: ConnectionWatch, door: Door?, admission: ConnectionWatches.Admission) {
        self.limits = limits
        self.watch = watch
        self.door = door
        self.admission = admission
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watch.add(self)
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch.remove(self)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        begin(context)
    }

    private func begin(_ context: ChannelHandlerContext) {
        state = ConnectionState(now: .now())
        switch admission {
        case .admitted: break
        case .surplus: refuse(.tooManyConnections, context)
        case .refused: context.close(promise: nil)
        }
    }
}

// MARK: - Inbound

extension ConnectionHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !state.isLingering else { return }
        hasReadPart = true
        switch unwrapInboundIn(data) {
        case .head(let head):
            // HTTP/1.0 knows no such word (RFC 9110 section 10.1.1).
            bodyIsAwaited =
                head.version.minor > 0 && head.headers.first(name: "expect")?.lowercased() == "100-continue"
            let length = head.headers.first(name: "content-length").flatMap { Int($0) }
            let isChunked = length == nil && head.headers.contains(name: "transfer-encoding")
            state.receivedHead(length: isChunked ? nil : length ?? 0, keepsAlive: head.isKeepAlive, at: .now())
        case .body(let bytes):
            bodyIsAwaited = false
            state.receivedBody(bytes.readableBytes)
        case .end:
            bodyIsAwaited = false
            state.receivedEnd(at: .now())
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasReadPart { state.received(at: .now()) }
        hasReadPart = false
        context.fireChannelReadComplete()
        if state.isLingering {
            // Whoever reads requests has stopped to, and what comes must be taken out of the way.
            context.read()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !state.isLingering else { return }
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        switch state.reading {
        case .nothing, .head:
            // Behind requests that are still being answered, what answers those is to see it in its turn.
            if state.isQuiet { return refuse(error == .headerOverflow ? .headTooLarge : .notHTTP, context) }
        case .body: break
        }
        state.endAfterAll()
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        // Not passed on: what stands behind would close a connection whose request is half here.
        if state.stop(by: .now() + TimeAmount(limits.drain)) { context.close(promise: nil) }
    }
}

// MARK: - Outbound

extension ConnectionHandler {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !state.isLingering else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            guard state.beginAnswer(bodyIsAwaited: bodyIsAwaited) else { return context.write(data, promise: promise) }
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            guard state.endAnswer(at: .now()) else { return context.write(data, promise: promise) }
            context.writeAndFlush(data, promise: promise)
            end(context)
        case .head, .body:
            context.write(data, promise: promise)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        guard !state.isLingering else {
            promise?.succeed()
            return
        }
        end(context, promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if bodyIsAwaited, !state.isLingering {
            bodyIsAwaited = false
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        promise?.succeed()
    }

    /// Nothing more is said. What the client still sends is read for a while: to close at once would make its side
    /// throw away the answer that it has not read yet.
    private func end(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>? = nil) {
        state.linger(until: .now() + TimeAmount(limits.linger))
        context.close(mode: .output, promise: promise)
        context.read()
    }

    /// Answers what is no request.
    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        let id = RequestID.next()
        let body = problem.document(requestID: id)
        var head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: problem.status.code),
            headers: [
                "content-type": Problem.contentType, "content-length": String(body.readableBytes),
                "connection": "close",
            ])
        for field in problem.headers { head.headers.add(name: field.name.rawName, value: field.value) }
        for field in door?.fields(id) ?? [] { head.headers.add(name: field.name.rawName, value: field.value) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
        door?.logRefusal(problem.status.code, id: id, out: body.readableBytes, peer: context.remoteAddress)
    }
}

// MARK: - Limits

extension ConnectionHandler {
    func check(at now: NIODeadline) {
        guard let context else { return }
        switch state.verdict(at: now, limits) {
        case .fine: state.judgedBody(at: now, limits)
        case .close: return context.close(promise: nil)
        case .headTooSlow: return refuse(.slowHead, context)
        case .bodyTooSlow:
            // Whoever reads the body answers with this. If nobody does, the connection goes all the same.
            state.fail(by: now + TimeAmount(limits.linger))
            return context.fireErrorCaught(ConnectionFault.slowBody)
        }
        guard !context.channel.isWritable else { return }
        let unread = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if state.isStuck(unread: unread, at: now, limits) { context.close(promise: nil) }
    }

    func close() { context?.close(promise: nil) }
}
