import HTTPTypes
import Hummingbird
import JobRuntime
import Messaging
import NIOCore

/// The three routes, for GET and HEAD; nothing that a client sends is looked at but the path.
struct StatusResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let answers: StatusAnswers

    func respond(to request: Request, context: Context) async -> Response {
        guard request.method == .get || request.method == .head else {
            return Self.refusal(.methodNotAllowed, "ask with GET", [.allow: "GET, HEAD"])
        }
        let answer = await answer(to: request.uri.path)
        return request.method == .head ? answer.createHeadResponse() : answer
    }

    private func answer(to path: String) async -> Response {
        switch path {
        case "/health": return Self.answer(await answers.health(), good: "healthy", bad: "unhealthy")
        case "/ready": return Self.answer(await answers.ready(), good: "ready", bad: "unavailable")
        case "/metrics":
            let text = await answers.metrics()
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        default: return Self.refusal(.notFound, "there are /health, /ready and /metrics")
        }
    }

    private static func answer(_ report: StatusReport, good: String, bad: String) -> Response {
        Response(
            status: report.isGood ? .ok : .serviceUnavailable,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(
                byteBuffer: report.document(report.isGood ? good : bad, at: .unixMilliseconds)))
    }

    private static func refusal(
        _ status: HTTPResponse.Status, _ detail: String, _ headers: HTTPFields = [:]
    ) -> Response {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.member("title", status.reasonPhrase)
        writer.member("status", status.code)
        writer.member("detail", detail)
        writer.endObject()
        var headers = headers
        headers[.contentType] = "application/problem+json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: writer.buffer))
    }
}
