import HTTPTypes
import Hummingbird
import JobRuntime
import Messaging

/// What became of the messages of one request, as the HTTP API shows it.
enum BatchView {
    /// 202 if anything was accepted; else what the reasons come to: it is not known (500), the same again later
    /// (503, 429), or not as it is (422).
    static func answer(_ results: [Result<BatchAcceptance.Item, Problem>]) -> Response {
        var writer = JSONWriter(capacity: 128 * (results.count + 1))
        let refused = results.compactMap { $0.refusal }
        writer.beginObject()
        writer.member("accepted", results.count - refused.count)
        writer.member("refused", refused.count)
        writer.key("results")
        writer.beginArray()
        for (index, result) in results.enumerated() { write(result, "index", index, to: &writer) }
        writer.endArray()
        writer.endObject()
        if refused.count < results.count { return Response(status: .accepted, json: writer) }
        // Whoever repeats it by itself would send twice what was accepted after all.
        if refused.contains(where: { $0.kind == .outcomeUncertain }) {
            return Response(status: .internalServerError, json: writer)
        }
        // What tells when to try again speaks for all.
        if let problem = refused.first(where: { $0.headers[.retryAfter] != nil }) {
            return Response(status: problem.status, json: writer, headers: problem.headers)
        }
        return Response(status: .unprocessableContent, json: writer)
    }

    /// - Parameter place: what counts the messages: `index` from 0, or `line` from 1.
    static func write(
        _ result: Result<BatchAcceptance.Item, Problem>, _ place: StaticString, _ number: Int,
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.member(place, number)
        switch result {
        case .success(let item):
            writer.member("id", item.receipt.id.description)
            writer.member("type", item.submission.message.channel.rawValue)
            writer.member("status", MessageStatus.pending.rawValue)
            writer.member("created_at", time: item.receipt.enqueuedAt)
        case .failure(let problem):
            writer.key("problem")
            problem.write(to: &writer)
        }
        writer.endObject()
    }
}

extension Result where Failure == Problem {
    var refusal: Problem? { if case .failure(let problem) = self { problem } else { nil } }
}
