import FoundationEssentials
import JobRuntime
import NIOCore
import NIOFoundationCompat

/// What one attempt at a message leaves for the next: the job's ``JobMeta/memo``, as JSON.
struct Memo: Codable, Equatable, Sendable {
    /// The providers that may have taken the message, the first one tried first; nil: none.
    var doubts: [Doubt]?
    /// The place that is kept for the message in a sender's row.
    var turn: Turn?
    /// It is sent again though nobody could tell whether it had been: because its sender or a person wants it so.
    var mayBeSent: Bool?
    /// The ``JobMeta/restoredAt`` of which the doubts are known, settled or not.
    var restored: Int64?

    /// A try of which nobody knows the end.
    struct Doubt: Codable, Equatable, Sendable {
        var provider: String
        /// Unix milliseconds of Redis's clock; the try was not begun earlier.
        var since: Int64
        /// Unix milliseconds of Redis's clock; the try was over by then, and what it has brought about is to be seen soon.
        var overAt: Int64
        /// How often the provider was asked and could not answer.
        var asked = 0
        /// Whether an attempt is still to be counted for the try: a worker that died took its attempt with it, and the
        /// same one is delivered again.
        var countsAsAttempt: Bool
    }

    struct Turn: Codable, Equatable, Sendable {
        var provider: String
        /// Unix milliseconds of Redis's clock.
        var at: Int64
    }

    static let empty = Memo()

    init(doubts: [Doubt]? = nil, mayBeSent: Bool? = nil) {
        self.doubts = doubts
        self.mayBeSent = mayBeSent
    }

    /// - Parameter text: nil, empty, or something that another version wrote: an empty memo.
    init(_ text: String?) {
        self.init()
        guard let text, !text.isEmpty,
            let memo = try? JSONDecoder().decode(Memo.self, from: ByteBuffer(string: text))
        else { return }
        self = memo
    }

    /// A provider may have taken the message, as it may have before: the try was begun at the earlier moment and over at
    /// the later one.
    mutating func add(_ doubt: Doubt) {
        var doubt = doubt
        if let old = doubts?.first(where: { $0.provider == doubt.provider }) {
            doubt.since = min(doubt.since, old.since)
            doubt.overAt = max(doubt.overAt, old.overAt)
            doubt.countsAsAttempt = doubt.countsAsAttempt || old.countsAsAttempt
        }
        doubts = (doubts ?? []).filter { $0.provider != doubt.provider } + [doubt]
    }

    /// What goes with the job.
    var jobMemo: JobMemo {
        guard self != .empty else { return JobMemo("") }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return JobMemo(text, inDoubt: doubts?.isEmpty == false || mayBeSent == true)
    }
}
