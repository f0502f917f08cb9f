public import JobRuntime

/// A page of a queue's dead letters.
public struct DeadLetterList: Encodable {
    public var queue: String
    public var letters: [DeadLetterReport]
    /// What to ask for the next page with; nil when this was the last.
    public var next: String?

    public init(_ page: DeadLetters.Page, of queue: String) {
        self.queue = queue
        letters = page.letters.map { DeadLetterReport($0, of: queue, isWhole: false) }
        next = page.next?.description
    }

    public static func text(_ lists: [DeadLetterList], now: Moment, _ palette: Palette = .plain) -> String {
        var table = TextTable(["QUEUE", "LETTER", "DIED", "REASON", "KIND", "ATTEMPT", "JOB", "ERROR"])
        for letter in lists.flatMap(\.letters) {
            table.add([
                .init(QueueName.short(letter.queue)), .init(letter.letter),
                .init(ageText(max(0, now.milliseconds - letter.diedAt.milliseconds)) + " ago"),
                .init(letter.reason, letter.reason == DeadReason.unknown.rawValue ? .notice : .plain),
                .init(letter.kind), .init("\(letter.attempt)"), .init(letter.job ?? "none"), .init(letter.error),
            ])
        }
        var text = table.text(palette)
        for list in lists {
            guard let next = list.next else { continue }
            text += "\nThere are more: posthaste dead list \(QueueName.short(list.queue)) --from \(next)"
        }
        if lists.flatMap(\.letters).contains(where: { $0.reason == DeadReason.unknown.rawValue }) {
            text += "\nWhat is unknown may have been sent. Where it was: posthaste resolve <job>"
        }
        return text
    }
}

/// A dead letter, as text and as JSON.
public struct DeadLetterReport: Encodable {
    var queue: String
    var letter: String
    var job: String?
    var kind: String
    var attempt: Int
    var reason: String
    var error: String
    var diedAt: Moment
    var enqueuedAt: Moment
    var isRedrivable: Bool
    var lane: Lane?
    var expiresAt: Moment?
    /// Byte for byte, as a string: it may be no JSON.
    var payload: String?

    /// - Parameter isWhole: with the payload, which may be long, and is nobody's business in a list.
    public init(_ letter: DeadLetter, of queue: String, isWhole: Bool) {
        self.queue = queue
        self.letter = letter.id.description
        job = letter.job?.description
        kind = letter.kind
        attempt = letter.attempt
        reason = letter.reason.rawValue
        error = letter.error
        diedAt = Moment(letter.diedAt)
        enqueuedAt = Moment(letter.enqueuedAt)
        isRedrivable = letter.isRedrivable
        guard isWhole else { return }
        lane = letter.meta.lane
        expiresAt = letter.meta.expiresAt.map(Moment.init)
        payload = letter.payloadText
    }

    public func text(now: Moment, _ palette: Palette = .plain) -> String {
        let rows: [(String, String?)] = [
            ("letter", letter), ("queue", queue), ("job", job ?? "none: the entry was no job"), ("kind", kind),
            ("lane", lane?.rawValue), ("attempt", "\(attempt)"), ("reason", reason), ("error", error),
            ("died", diedAt.described(at: now)), ("enqueued", enqueuedAt.described(at: now)),
            ("expires", expiresAt?.described(at: now)),
            ("redrivable", isRedrivable ? "yes" : "no: too little is left of it"), ("payload", payload),
        ]
        return rows.compactMap { name, value in
            value.map { palette.paint(name, .dim) + String(repeating: " ", count: 12 - name.count) + $0.printable }
        }.joined(separator: "\n")
    }

    private enum CodingKeys: String, CodingKey {
        case queue, letter, job, kind, attempt, reason, error, lane, payload
        case diedAt = "died_at"
        case enqueuedAt = "enqueued_at"
        case isRedrivable = "redrivable"
        case expiresAt = "expires_at"
    }
}
