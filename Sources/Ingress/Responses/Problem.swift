import HTTPTypes
import Hummingbird
import Messaging
import NIOCore

/// A refusal: an HTTP status and a document that says what is wrong (RFC 9457, `application/problem+json`).
struct Problem: Error {
    /// What kind of problem it is, where the HTTP status alone does not say that.
    enum Kind: String, CaseIterable {
        case aboutBlank = "about:blank"
        case malformedJSON = "urn:posthaste:problem:malformed-json"
        case invalidMessage = "urn:posthaste:problem:invalid-message"
        case invalidSuppression = "urn:posthaste:problem:invalid-suppression"
        case invalidQuery = "urn:posthaste:problem:invalid-query"
        case noLedger = "urn:posthaste:problem:no-ledger"
        case ledgerUnavailable = "urn:posthaste:problem:ledger-unavailable"
        case overloaded = "urn:posthaste:problem:overloaded"
        case queueUnavailable = "urn:posthaste:problem:queue-unavailable"
        case queueFull = "urn:posthaste:problem:queue-full"
        case outcomeUncertain = "urn:posthaste:problem:outcome-uncertain"
        case idempotencyConflict = "urn:posthaste:problem:idempotency-conflict"
        case invalidBatch = "urn:posthaste:problem:invalid-batch"
        case invalidFilter = "urn:posthaste:problem:invalid-filter"
        case notCancelable = "urn:posthaste:problem:not-cancelable"
        case notRetryable = "urn:posthaste:problem:not-retryable"
        case rateLimited = "urn:posthaste:problem:rate-limited"
        case quotaExceeded = "urn:posthaste:problem:quota-exceeded"
    }

    var kind: Kind = .aboutBlank
    var status: HTTPResponse.Status
    /// The same for every problem of a kind.
    var title: String
    /// What is wrong this time.
    var detail: String
    var errors: [Fault] = []
    /// The message that the problem is about, and where to ask for it.
    var message: String?
    /// Of what was too much.
    var excess: Excess?
    var headers = HTTPFields()
}

extension Problem {
    static let contentType = "application/problem+json"

    /// - Parameter requestID: by which the operator finds the request in the log.
    func write(to writer: inout JSONWriter, requestID: String? = nil) {
        writer.beginObject()
        writer.member("type", kind.rawValue)
        writer.member("title", title)
        writer.member("status", status.code)
        writer.member("detail", detail)
        if let message {
            writer.member("message_id", message)
            writer.member("message_url", MessagePath.of(message))
        }
        if let excess {
            writer.member("error", excess.error)
            writer.member("message", excess.message)
            if !excess.policies.isEmpty { writer.member("violated-policies", excess.policies) }
        }
        if !errors.isEmpty {
            writer.key("errors")
            writer.beginArray()
            for fault in errors {
                writer.beginObject()
                writer.member("pointer", fault.pointer)
                writer.member("detail", fault.detail)
                writer.endObject()
            }
            writer.endArray()
        }
        if let requestID { writer.member("request_id", requestID) }
        writer.endObject()
    }

    func document(requestID: String? = nil) -> ByteBuffer {
        var writer = JSONWriter()
        write(to: &writer, requestID: requestID)
        return writer.buffer
    }

    func answer(requestID: String? = nil) -> Response {
        var headers = headers
        headers[.contentType] = Self.contentType
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: document(requestID: requestID)))
    }
}

extension Problem: HTTPResponseError {
    func response(from request: Request, context: some RequestContext) -> Response { answer() }
}
