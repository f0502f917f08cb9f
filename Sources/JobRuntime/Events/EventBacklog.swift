/// What the ledger has still to read and keep, at one moment.
public struct EventBacklog: Sendable, Equatable {
    /// Events in the stream, those that are read and not acknowledged among them.
    public var length: Int
    /// Events that are read and not acknowledged.
    public var pending: Int
    /// The first event that is not acknowledged; nil when all are.
    public var oldest: EventID?
    /// The last event that was ever written; nil when none was.
    public var last: EventID?
    /// Redis's clock.
    public var at: Moment

    public init(length: Int, pending: Int, oldest: EventID?, last: EventID?, at: Moment) {
        self.length = length
        self.pending = pending
        self.oldest = oldest
        self.last = last
        self.at = at
    }

    /// How long ago the oldest of them happened, in milliseconds.
    public var oldestAge: Int64? { oldest.map { max(0, at.milliseconds - $0.milliseconds) } }
}
