/// What a worker has seen, as of one moment.
public struct WorkerFacts: Sendable, Equatable {
    public struct Queue: Sendable, Equatable {
        public var name: String
        public var slots: Int
        /// Slots that attempts which were given up have not taken.
        public var usableSlots: Int
        public var inFlight = 0
        /// How long the latest attempt has gone on since it should have been given up.
        public var late: Duration?
        /// Attempts that have ended, and whose outcome the store does not have yet.
        public var unsettled = 0
        /// How long the outcome that waits longest has waited.
        public var oldestUnsettled: Duration?

        /// Whether any read has been answered since the worker started.
        public var hasRead = false
        /// Since the last read that gave what it should; nil: no slot is free, and nothing is to be read.
        public var sinceRead: Duration? = .zero
        /// Since the store answered the reader, if only by refusing.
        public var sinceReadAnswer: Duration = .zero
        /// Since the store answered the settler, if only by refusing.
        public var sinceSettleAnswer: Duration = .zero
        /// Since a timer of the worker ran.
        public var sinceTick: Duration = .zero

        public init(_ name: String, slots: Int) {
            self.name = name
            self.slots = slots
            usableSlots = slots
        }
    }

    /// Empty before the worker has begun.
    public var queues: [Queue]
    /// It has been told to stop, and reads nothing more.
    public var isStopping: Bool

    public init(queues: [Queue] = [], isStopping: Bool = false) {
        self.queues = queues
        self.isStopping = isStopping
    }
}

extension QueueScope {
    /// - Parameter timeout: how long the attempt of a delivery may take.
    func facts(_ timeout: @Sendable (Delivered) -> Duration?) -> WorkerFacts.Queue {
        let now = clock.now
        let held = inFlight.standing(timeout, grace: options.deadlineGrace)
        var facts = WorkerFacts.Queue(queue.name, slots: inFlight.slots)
        facts.usableSlots = inFlight.usableSlots
        (facts.inFlight, facts.late) = (held.count, held.late)
        (facts.unsettled, facts.oldestUnsettled) = (held.unsettled, held.oldestUnsettled)
        facts.hasRead = activity.hasRead
        facts.sinceRead = activity.waitsForSlot ? nil : activity.read.age(at: now)
        facts.sinceReadAnswer = activity.readAnswer.age(at: now)
        facts.sinceSettleAnswer = activity.settleAnswer.age(at: now)
        facts.sinceTick = activity.sinceTick(at: now)
        return facts
    }
}
