import FoundationEssentials
import JobRuntime
import NIOCore
import NIOFoundationCompat

/// What one attempt at a message leaves for the next: the job's ``JobMeta/memo``, as JSON.
struct Memo: Codable, Equatable, Sendable {
    /// The providers that may have taken the message, the first one tried first.
    var doubts: [Doubt]?
    /// The place that is kept for the message in a sender's row.
    var turn: Turn?

    /// A try of which nobody knows the end.
    struct Doubt: Codable, Equatable, Sendable {
        var provider: String
        /// Unix milliseconds of Redis's clock; the try was not begun earlier.
        var since: Int64
        /// How often the provider was asked and could not answer.
        var asked: Int
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

    /// - Parameter text: nil, empty, or something that another version wrote: an empty memo.
    init(_ text: String? = nil) {
        guard let text, !text.isEmpty,
            let memo = try? JSONDecoder().decode(Memo.self, from: ByteBuffer(string: text))
        else { return }
        self = memo
    }

    /// Empty when there is nothing to say, so that an earlier memo goes.
    var text: String {
        guard self != .empty else { return "" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
