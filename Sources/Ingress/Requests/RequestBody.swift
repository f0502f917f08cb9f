import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1

extension RequestDocument {
    /// Collects a body of any type. Its memory is the request's until that is done.
    ///
    /// - Throws: a ``Problem``: too large (413), no memory left for it (503), too slow (408), broken off or badly framed
    ///   (400).
    static func body(
        of request: Request, _ context: IngressContext, limit: Int
    ) async throws(Problem) -> ByteBuffer {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        if let length {
            guard length <= limit else { throw .tooLarge(limit: limit) }
            try reserve(length, context)
        }
        want(request, context)
        let body = try await collect(request, context, limit: limit, length: length)
        context.notes.bodyBytes = body.readableBytes
        guard length == nil || length == body.readableBytes else { throw .brokenBody }
        return body
    }

    /// Says so to a client that waits for a word before it sends what now is known to be welcome.
    static func want(_ request: Request, _ context: IngressContext) {
        if request.headers[.expect] != nil {
            context.channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
        }
    }

    private static func collect(
        _ request: Request, _ context: IngressContext, limit: Int, length: Int?
    ) async throws(Problem) -> ByteBuffer {
        var body = ByteBuffer()
        do {
            for try await var part in request.body {
                let size = body.readableBytes + part.readableBytes
                guard size <= limit else { throw Problem.tooLarge(limit: limit) }
                // Most bodies are one part.
                if body.readableBytes == 0 {
                    body = part
                    continue
                }
                // What a length was told for is reserved; without one, as it comes.
                try reserve(length ?? (size <= BodyBudget.free ? size : (size + step - 1) / step * step), context)
                if let length, body.capacity < length { body.reserveCapacity(length) }
                body.writeBuffer(&part)
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            throw error is ConnectionFault ? .slowBody : .brokenBody
        }
        return body
    }

    private static let step = 1 << 20

    static func reserve(_ bytes: Int, _ context: IngressContext) throws(Problem) {
        guard bytes > BodyBudget.free, let bodies = context.bodies else { return }
        guard context.notes.reserve(bytes, of: bodies) else { throw .bodiesTooMany(retryAfter: context.retryAfter) }
    }
}
