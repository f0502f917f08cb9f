import JobRuntime
import Messaging

/// What some events say of one message. The same in whatever order they are taken in, and however often.
///
/// It is to be joined with what the ledger's row already says (see `messages` in the migrations): the higher status, the
/// earlier moment, and of the latest attempt's words those of the event with the highest place.
struct MessageChange: Equatable, Sendable {
    let id: JobID
    var direction = Direction.outbound
    var channel: Channel?
    var acceptance: Acceptance?
    /// Unix milliseconds.
    var sentAt: Int64?
    var latest: Latest?
    /// The place of the last event that put it back into its queue.
    var redriven: Int64?
    var droppedAt: Int64?
    var updatedAt: Int64 = 0
    private var news: [News] = []

    init(id: JobID) { self.id = id }

    /// What the latest event that tells of an attempt, or of a decision, has to say.
    struct Latest: Equatable, Sendable {
        var place: Int64
        var reason: String?
        var error: String?
        var result: String?
        var nextAttemptAt: Int64?
    }

    private struct News: Equatable, Sendable {
        var place: Int64
        var status: MessageStatus
        var attempts: Int
    }
}

extension MessageChange {
    /// The status by these events alone. What was before it was put back into its queue counts no more, but for what can
    /// only be true of a message that was sent.
    var status: MessageStatus {
        let since = redriven ?? .min
        return news.reduce(.pending) { status, news in
            news.place >= since || news.status.rank >= MessageStatus.sent.rank
                ? status.advanced(to: news.status) : status
        }
    }

    /// How many attempts there have been, by these events alone.
    var attempts: Int {
        let since = redriven ?? .min
        return news.reduce(0) { $1.place >= since ? max($0, $1.attempts) : $0 }
    }

    /// Puts what was learnt into an order that does not tell in which it came.
    mutating func settle() {
        guard news.count > 1 else { return }
        news.sort { $0.place < $1.place }
        news = news.indices.compactMap { $0 > 0 && news[$0] == news[$0 - 1] ? nil : news[$0] }
    }

    mutating func learn(_ status: MessageStatus, attempts: Int = 0, at place: Int64) {
        news.append(News(place: place, status: status, attempts: attempts))
    }

    mutating func learn(_ other: Latest) {
        if latest.map({ other.place > $0.place }) ?? true { latest = other }
    }

    mutating func learn(_ other: Acceptance) {
        guard let known = acceptance else { return acceptance = other }
        acceptance?.at = min(known.at, other.at)
    }
}
