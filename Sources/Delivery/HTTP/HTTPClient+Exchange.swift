import AsyncHTTPClient
import JobRuntime
import NIOCore
import NIOHTTP1
import Synchronization

extension HTTPClient {
    /// Sends `request` with `body` once and follows it to its end.
    ///
    /// - Parameters:
    ///   - request: made once for an endpoint and copied, so that its address is parsed once.
    ///   - timeout: for everything: waiting for a connection, connecting, writing, and reading the last byte.
    ///   - longestBody: how much of the answer is read, in bytes.
    func exchange(
        _ request: Request, body: ByteBuffer, timeout: Duration, longestBody: Int = 20_000
    ) async -> Exchange {
        let span = RequestSpan(request)
        let exchange = await follow(request, body: body, timeout: timeout, longestBody: longestBody)
        span?.end(exchange)
        return exchange
    }

    private func follow(
        _ request: Request, body: ByteBuffer, timeout: Duration, longestBody: Int
    ) async -> Exchange {
        let end = ContinuousClock.now + timeout
        let observer = ExchangeObserver(requestHasBody: body.readableBytes > 0, longestBody: longestBody)
        var request = request
        if body.readableBytes > 0 {
            request.body = .stream(contentLength: Int64(body.readableBytes)) { writer in
                // A process that stood still must not send when another worker has already asked whether it did.
                guard ContinuousClock.now < end else {
                    return writer.write(.byteBuffer(ByteBuffer())).flatMapThrowing {
                        throw HTTPClientError.deadlineExceeded
                    }
                }
                observer.releaseBody()
                return writer.write(.byteBuffer(body))
            }
        }
        let task = execute(request: request, delegate: observer, deadline: .now() + TimeAmount(timeout))
        do {
            try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
            return observer.result(error: nil)
        } catch {
            return observer.result(error: error)
        }
    }
}

/// Watches one request, to know two things no error tells: whether its body was ever given to a connection, and what of
/// an answer had come when it broke off.
///
/// The client asks for the body on the request's event loop, after the head was written and never after the request has
/// failed, been cancelled or run out of time. A body that was not asked for is a request that was not made.
private final class ExchangeObserver: HTTPClientResponseDelegate {
    typealias Response = Void

    private struct State {
        var requestMayHaveArrived: Bool
        var head: HTTPResponseHead?
        var body = ByteBuffer()
    }

    /// The rest of an answer is not read; the connection is given up instead.
    private let longestBody: Int

    /// Ends a request whose answer is longer than what is read of it.
    private struct EnoughRead: Error {}

    private let state: Mutex<State>

    /// A request without a body is one with its head, which the client does not announce beforehand: it is taken as
    /// made from the start.
    init(requestHasBody: Bool, longestBody: Int) {
        self.longestBody = longestBody
        state = Mutex(State(requestMayHaveArrived: !requestHasBody))
    }

    func releaseBody() {
        state.withLock { $0.requestMayHaveArrived = true }
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.head = head }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let isEnough = state.withLock { state in
            var part = part
            if part.readableBytes > longestBody - state.body.readableBytes {
                part.moveWriterIndex(to: part.readerIndex + longestBody - state.body.readableBytes)
                state.body.writeBuffer(&part)
                return true
            }
            if state.body.readableBytes == 0 { state.body = part } else { state.body.writeBuffer(&part) }
            return false
        }
        return isEnough
            ? task.eventLoop.makeFailedFuture(EnoughRead()) : task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {}

    /// The end: an answer wins over whatever happened after its head.
    func result(error: (any Error)?) -> Exchange {
        state.withLock { state in
            if let head = state.head {
                return .answered(
                    HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: state.body))
            }
            return .failed(
                TransportFailure(
                    requestMayHaveArrived: state.requestMayHaveArrived,
                    reason: error.map(TransportFailure.reason) ?? "the exchange ended without an answer"))
        }
    }
}
