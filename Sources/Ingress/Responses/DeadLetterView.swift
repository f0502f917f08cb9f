import Hummingbird
import JobRuntime
import Messaging

/// Dead letters, as the HTTP API shows them.
enum DeadLetterView {
    static func list(_ page: DeadLetters.Page) -> Response {
        var writer = JSONWriter(capacity: 512 * (page.letters.count + 1))
        writer.beginObject()
        writer.key("dead_letters")
        writer.beginArray()
        for letter in page.letters { write(letter, isWhole: false, to: &writer) }
        writer.endArray()
        writer.key("next")
        if let next = page.next { writer.string(next.description) } else { writer.null() }
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    static func whole(_ letter: DeadLetter) -> Response {
        var writer = JSONWriter(capacity: 1024)
        write(letter, isWhole: true, to: &writer)
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    /// - Parameter name: of what was done to the letters.
    static func tally(_ tally: DeadLetters.Tally, _ name: StaticString) -> Response {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.member("matched", tally.matched)
        writer.member(name, tally.done)
        writer.member("not_redrivable", tally.notRedrivable)
        writer.member("held", tally.held)
        writer.member("gone", tally.gone)
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    /// - Parameter isWhole: with the payload, which may be long, and is nobody's business in a list.
    private static func write(_ letter: DeadLetter, isWhole: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", letter.id.description)
        writer.key("message_id")
        if let job = letter.job { writer.string(job.description) } else { writer.null() }
        writer.member("kind", letter.kind)
        writer.member("attempt", letter.attempt)
        writer.member("reason", letter.reason.rawValue)
        writer.member("error", letter.error)
        writer.member("died_at", time: letter.diedAt)
        writer.member("enqueued_at", time: letter.enqueuedAt)
        writer.member("redrivable", bool: letter.isRedrivable)
        // As a string: it may be no JSON.
        if isWhole { writer.member("payload", letter.payloadText) }
        writer.endObject()
    }
}
