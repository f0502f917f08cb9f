/// Judges how a worker does from what it has seen. A pure value, to be told at short, regular intervals.
///
/// A queue that is paused, empty or full of long attempts is no fault, nor is a worker that stops. Where the judge itself
/// was not asked for a while, the process or its machine stood still: whatever was to happen meanwhile is given its time
/// again.
public struct WorkerHealth: Sendable {
    /// What is judged, and when it is called what.
    public struct Limits: Sendable, Equatable {
        /// The longest that a read may go without an answer before something is wrong: three times the longest wait of a
        /// read. The same for everything else that takes a moment.
        public var patience: Duration = .seconds(15)
        /// Asked so late, the judge takes it that everything stood still.
        public var gap: Duration = .seconds(5)

        public init() {}
    }

    public struct Verdict: Sendable, Equatable {
        /// None: the worker is healthy.
        public var faults: [WorkerFault] = []
        /// What will not mend by itself, since it is not the store's fault. It is among the faults.
        public var stuck: [WorkerFault] = []
        /// For how long it has been so; nil where nothing is stuck.
        public var stuckFor: Duration?
        /// Why the worker cannot work just now; it holds the faults, too.
        public var hindrances: [WorkerFault] = []

        public init() {}
    }

    fileprivate struct Place: Hashable {
        let queue: String
        let kind: Int
    }

    private let limits: Limits
    private var lastAsked: Duration?
    /// Since when everything has gone on without a break.
    private var resumed: Duration = .zero
    /// Since when the store has answered others; nil: it does not.
    private var storeAnswersSince: Duration?
    private var stuckSince: [Place: Duration] = [:]

    public init(_ limits: Limits = Limits()) { self.limits = limits }

    /// - Parameters:
    ///   - now: on any clock that never goes back.
    ///   - storeAnswered: when the store last answered somebody other than the worker, on the same clock.
    public mutating func judge(_ facts: WorkerFacts, at now: Duration, storeAnswered: Duration?) -> Verdict {
        let hasStoodStill = lastAsked.map { now - $0 > limits.gap } ?? true
        lastAsked = now
        if hasStoodStill {
            resumed = now
            (stuckSince, storeAnswersSince) = ([:], nil)
        }
        var verdict = Verdict()
        guard !facts.isStopping else {
            stuckSince = [:]
            return verdict
        }
        let answersNow = storeAnswered.map { now - $0 < limits.patience } ?? false
        storeAnswersSince = answersNow ? storeAnswersSince ?? now : nil
        // One that has just come back is yet to be found by the worker.
        let storeAnswers = storeAnswersSince.map { now - $0 >= limits.patience } ?? false
        for queue in facts.queues { judge(queue, since: now - resumed, storeAnswers, &verdict) }
        let places = Dictionary(verdict.stuck.map { ($0.place, now) }) { first, _ in first }
        stuckSince = places.merging(stuckSince.filter { places[$0.key] != nil }) { $1 }
        verdict.stuckFor = stuckSince.values.min().map { now - $0 }
        return verdict
    }

    /// - Parameter whole: for how long everything has gone on without a break; nothing has been wrong for longer.
    private func judge(
        _ queue: WorkerFacts.Queue, since whole: Duration, _ storeAnswers: Bool, _ verdict: inout Verdict
    ) {
        func add(_ kind: WorkerFault.Kind, _ time: Duration, isStuck: Bool, isHealthy: Bool = false) {
            let fault = WorkerFault(queue: queue.name, kind: kind, time: time)
            verdict.hindrances.append(fault)
            if !isHealthy { verdict.faults.append(fault) }
            if isStuck { verdict.stuck.append(fault) }
        }
        func tooLong(_ time: Duration?) -> Duration? {
            guard let time = time.map({ min($0, whole) }), time >= limits.patience else { return nil }
            return time
        }
        // Nobody can say more of a worker none of whose parts runs.
        if let time = tooLong(queue.sinceTick) { return add(.blocked, time, isStuck: true) }
        if queue.usableSlots == 0 { add(.noSlots(queue.slots), .zero, isStuck: true) }
        if let time = tooLong(queue.late) { add(.late, time, isStuck: true) }
        if let time = tooLong(queue.sinceRead) {
            let isRefused = tooLong(queue.sinceReadAnswer) == nil
            add(.notReading(isRefused: isRefused), time, isStuck: !isRefused && storeAnswers)
        } else if !queue.hasRead, queue.sinceRead != nil {
            add(.notReading(isRefused: false), min(queue.sinceRead ?? .zero, whole), isStuck: false, isHealthy: true)
        }
        if let time = tooLong(queue.oldestUnsettled) {
            // A store that is full refuses; to begin anew would not help, and forget what is done.
            let isRefused = tooLong(queue.sinceSettleAnswer) == nil
            add(
                .notSettling(queue.unsettled, isRefused: isRefused), time, isStuck: !isRefused && storeAnswers,
                isHealthy: isRefused)
        }
    }
}

extension WorkerFault {
    fileprivate var place: WorkerHealth.Place { WorkerHealth.Place(queue: queue, kind: number) }

    private var number: Int {
        switch kind {
        case .blocked: 0
        case .notReading: 1
        case .late: 2
        case .notSettling: 3
        case .noSlots: 4
        }
    }
}
