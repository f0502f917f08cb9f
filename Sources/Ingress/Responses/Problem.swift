import HTTPTypes
import Hummingbird
import Messaging

/// A refusal: an HTTP status and a document that says what is wrong (RFC 9457, `application/problem+json`).
struct Problem: Error {
    /// What kind of problem it is, where the HTTP status alone does not say that.
    enum Kind: String {
        case aboutBlank = "about:blank"
        case malformedJSON = "urn:posthaste:problem:malformed-json"
        case invalidMessage = "urn:posthaste:problem:invalid-message"
        case invalidSuppression = "urn:posthaste:problem:invalid-suppression"
        case invalidQuery = "urn:posthaste:problem:invalid-query"
        case noLedger = "urn:posthaste:problem:no-ledger"
        case ledgerUnavailable = "urn:posthaste:problem:ledger-unavailable"
        case queueUnavailable = "urn:posthaste:problem:queue-unavailable"
        case outcomeUncertain = "urn:posthaste:problem:outcome-uncertain"
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
    var headers = HTTPFields()
}

extension Problem: HTTPResponseError {
    func response(from request: Request, context: some RequestContext) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", kind.rawValue)
        writer.member("title", title)
        writer.member("status", status.code)
        writer.member("detail", detail)
        if let message {
            writer.member("message_id", message)
            writer.member("message_url", MessagePath.of(message))
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
        writer.endObject()
        var headers = headers
        headers[.contentType] = "application/problem+json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: writer.buffer))
    }
}
