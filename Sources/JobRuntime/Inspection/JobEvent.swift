import Redis

/// Something that happened to a job of a tracked queue.
public struct JobEvent: Sendable, Equatable, Codable {
    /// `accepted`, `succeeded`, `retrying`, `snoozed`, `parked`, `dead`, `unknown`, `expired`, `discarded`, `canceled`,
    /// `redriven`, `dropped` or `reported`; later versions may tell of more.
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

    public init(_ type: String, _ id: JobID, queue: String, at: Moment, attempt: Int) {
        self.type = type
        self.id = id
        self.queue = queue
        self.at = at
        self.attempt = attempt
    }

    private enum CodingKeys: String, CodingKey {
        case type, id, queue, at, attempt, kind, lane, consumer, deliveries, due, reason, error, result
        case name, rank
        case elapsed = "elapsed_ms"
    }
}

extension JobEvent {
    /// Reads the fields of an entry; nil when it is no such event.
    init?(_ fields: [String: RedisValue]) {
        func text(_ name: String) -> String? { fields[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        guard let type = text("type"), let id = text("id").flatMap({ JobID($0) }), let queue = fields["queue"]?.string,
            let at = fields["at"]?.int, let attempt = fields["attempt"]?.int
        else { return nil }
        self.init(type, id, queue: queue, at: Moment(at), attempt: Int(attempt))
        (kind, lane, consumer) = (text("kind"), text("lane").flatMap(Lane.init), text("consumer"))
        deliveries = fields["deliveries"]?.int.map { Int($0) }
        elapsed = fields["elapsed"]?.int
        due = fields["due"]?.int.map(Moment.init)
        (reason, error, result) = (text("reason"), text("error"), text("result"))
        (name, rank) = (text("name"), fields["rank"]?.int.map { Int($0) })
    }
}
