/// What has become of a message. The raw value is what the HTTP API and the ledger show.
///
/// News of one message comes from several places and in any order: the job's events, and the provider's callbacks, which
/// may overtake the answer to the send itself. So a status only moves up in ``rank``; see ``advanced(to:)``.
public enum MessageStatus: String, CaseIterable, Codable, Sendable {
    /// Accepted and waiting for its first attempt.
    case pending
    /// A worker has it in hand.
    case sending
    /// An attempt failed in a way that another may mend, and another will come.
    case retrying
    /// It may or may not have gone out: held for reconciliation or a person.
    case unknown
    /// Withdrawn by the client before it was sent.
    case canceled
    /// Not sent, because the recipient asked for no more messages or cannot be reached.
    case suppressed
    /// Not sent, because its time ran out.
    case expired
    /// Given up: every attempt failed, or none could succeed.
    case failed
    /// The provider took it.
    case sent
    /// The provider took it and says that it did not arrive.
    case undelivered
    /// The provider says that it arrived.
    case delivered

    /// The place in the order in which a status may follow another. No two statuses share a rank, so that the highest
    /// one of a set is the same in whatever order the set is gone through.
    ///
    /// What is nearer to the recipient ranks higher: word of an arrival outweighs a failure that was concluded on this
    /// side, because an attempt thought lost may have gone out all the same.
    public var rank: Int {
        switch self {
        case .pending: 0
        case .sending: 10
        case .retrying: 20
        case .unknown: 30
        case .canceled: 40
        case .suppressed: 50
        case .expired: 60
        case .failed: 70
        case .sent: 80
        case .undelivered: 90
        case .delivered: 100
        }
    }

    /// The status after this one on the news of another: the one of higher rank.
    public func advanced(to news: MessageStatus) -> MessageStatus {
        news.rank > rank ? news : self
    }

    /// Whether the service does nothing more by itself. A provider's callback may still move it up.
    public var isSettled: Bool { rank >= Self.unknown.rank }
}
