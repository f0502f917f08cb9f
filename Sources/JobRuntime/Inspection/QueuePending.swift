/// What of one queue is delivered, and to whom. All durations are milliseconds.
public struct QueuePending: Sendable, Equatable, Codable {
    public var queue: String
    /// Jobs that wait to be delivered.
    public var depth: Int
    /// Jobs that are delivered and not settled: they run, or their worker died running them.
    public var pending: Int
    /// Jobs that were handed back and are the next to be delivered; part of the depth.
    public var handedBack: Int
    /// Jobs that wait for another attempt.
    public var retrying: Int
    /// Dead letters.
    public var dead: Int
    /// How long the oldest job in the streams, waiting or pending, has been there since it was last put in.
    public var oldestAge: Int64?
    /// Who holds the pending ones, the longest silent first.
    public var consumers: [ConsumerPending]

    public init(
        queue: String, depth: Int, pending: Int, handedBack: Int = 0, retrying: Int, dead: Int, oldestAge: Int64?,
        consumers: [ConsumerPending]
    ) {
        self.queue = queue
        self.depth = depth
        self.pending = pending
        self.handedBack = handedBack
        self.retrying = retrying
        self.dead = dead
        self.oldestAge = oldestAge
        self.consumers = consumers
    }

    private enum CodingKeys: String, CodingKey {
        case queue, depth, pending, retrying, dead, consumers
        case handedBack = "handed_back"
        case oldestAge = "oldest_age_ms"
    }
}

/// What one consumer of a queue's groups holds.
public struct ConsumerPending: Sendable, Equatable, Codable {
    public var name: String
    public var pending: Int
    /// Since the entry that has shown no sign of life for longest was delivered or its lease extended; nil when the
    /// consumer holds nothing.
    public var idle: Int64?
    /// The highest delivery count among its entries; more than 1 is a job that was delivered again.
    public var deliveries: Int?
    /// Whether its worker's heartbeat is there.
    public var isAlive: Bool

    public init(name: String, pending: Int, idle: Int64?, deliveries: Int?, isAlive: Bool) {
        self.name = name
        self.pending = pending
        self.idle = idle
        self.deliveries = deliveries
        self.isAlive = isAlive
    }

    private enum CodingKeys: String, CodingKey {
        case name, pending, deliveries
        case idle = "idle_ms"
        case isAlive = "alive"
    }
}
