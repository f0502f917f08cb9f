/// Something that happened to a job of a tracked queue.
public struct JobEvent: Sendable, Equatable, Codable {
    /// `accepted`, `succeeded`, `retrying`, `snoozed`, `parked`, `dead`, `unknown`, `expired`, `discarded`, `canceled`,
    /// `redriven`, `dropped`, `reported` or `restored`; later versions may tell of more.
    public var type: String
    public var id: JobID
    /// Empty where something was reported of a job that nobody knows.
    public var queue: String
    public var at: Moment
    public var attempt: Int
    public var kind: String?
    public var lane: Lane?
    public var consumer: String?
    public var deliveries: Int?
    /// How long the attempt took, in milliseconds.
    public var elapsed: Int64?
    /// When the next attempt is.
    public var due: Moment?
    /// Why it is dead.
    public var reason: String?
    /// The error, or why it was put off.
    public var error: String?
    /// What its handler left, or a report says, JSON.
    public var result: String?
    /// What was reported, in a word (``JobReport/name``).
    public var name: String?
    /// The rank of the report; the job shows the one of the highest.
    public var rank: Int?
    /// What tells one report from another (``JobReport/token``).
    public var token: String?

    public init(_ type: String, _ id: JobID, queue: String, at: Moment, attempt: Int) {
        self.type = type
        self.id = id
        self.queue = queue
        self.at = at
        self.attempt = attempt
    }

    private enum CodingKeys: String, CodingKey {
        case type, id, queue, at, attempt, kind, lane, consumer, deliveries, due, reason, error, result
        case name, rank, token
        case elapsed = "elapsed_ms"
    }
}
