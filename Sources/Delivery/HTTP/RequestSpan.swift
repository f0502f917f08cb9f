import AsyncHTTPClient
import NIOHTTP1
import Tracing

/// The span of one request to a provider, in the trace that the task is in; where it is in none, there is no span.
///
/// Names and attributes are those of OpenTelemetry's semantic conventions for HTTP, version 1.30. Of an address it has the
/// host alone: user names, paths and queries tell accounts and keys. Nothing of the trace goes along with the request: a
/// vendor has no use for it, and an endpoint is somebody else's, to whom the ids that another client chose, and its
/// `tracestate`, are not to be told. The id of the message is what the two sides have in common.
/// Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
struct RequestSpan: Sendable {
    private let span: any Span

    /// - Parameter port: nil: not known.
    init?(_ name: String, host: String, port: Int?) {
        guard let context = ServiceContext.current else { return nil }
        span = startSpan(name, context: context, ofKind: .client)
        guard span.isRecording else { return }
        span.updateAttributes { attributes in
            attributes["server.address"] = host
            if let port { attributes["server.port"] = port }
        }
    }

    init?(_ request: HTTPClient.Request) {
        self.init(request.method.rawValue, host: request.host, port: request.port)
        guard span.isRecording else { return }
        span.attributes["http.request.method"] = request.method.rawValue
    }

    func end(_ exchange: Exchange) {
        if span.isRecording {
            switch exchange {
            case .answered(let answer):
                span.attributes["http.response.status_code"] = answer.status
                if answer.status >= 400 { fail("\(answer.status)") }
            case .failed(let failure): fail("no answer", failure.reason)
            }
        }
        span.end()
    }

    func end(_ exchange: MailExchange) {
        if span.isRecording {
            if let code = exchange.reply?.code { span.attributes["smtp.reply_code"] = code }
            if exchange.end != .sent { fail("not sent") }
        }
        span.end()
    }

    private func fail(_ type: String, _ message: String? = nil) {
        span.attributes["error.type"] = type
        span.setStatus(SpanStatus(code: .error, message: message))
    }
}
