/// What the runtime asks of the place where the jobs are. Each call is atomic: it happens as a whole or not at all.
///
/// The Redis store is the real one, and the contract is what its scripts say; the store of `JobTesting` passes the same
/// suite. All times are Unix milliseconds of the store's own clock (I6).
package protocol Storage: ProducerStorage, WorkerStorage, OperatorStorage, AuditStorage {}

package protocol ProducerStorage: Sendable {
    /// Puts jobs of one lane of one queue into its stream, or those that start later into its scheduled set.
    func enqueue(
        _ jobs: ArraySlice<NewJob>, to queue: JobQueue, lane: Lane, limits: QueueLimits
    ) async throws(StoreError) -> EnqueueReply

    /// Why queues would take no more jobs now, in the same order; nil where they would. It writes something, and fails
    /// where an enqueue would.
    func probe(_ queues: [(queue: JobQueue, limits: QueueLimits)]) async throws(StoreError) -> [String?]

    /// The jobs that were enqueued with idempotency keys and the same fingerprints, in the same order; nil where there is
    /// none.
    func known(_ requests: [NewJob.Idempotency]) async throws(StoreError) -> [Receipt?]

    /// Takes a waiting or delayed job away.
    func cancel(_ id: JobID) async throws(StoreError) -> Cancellation

    /// Takes in what somebody else says of a job.
    func report(_ report: JobReport, of id: JobID) async throws(StoreError) -> JobReport.Reception

    /// What is known of a tracked or delayed job.
    func record(of id: JobID) async throws(StoreError) -> JobRecord?

    func now() async throws(StoreError) -> Int64
}

package protocol WorkerStorage: Sendable {
    /// Keeps the store within reach until ``release()``, whatever else of the process is told to stop.
    func hold()

    func release()

    /// A reader of a queue's streams, whose group is there when this returns.
    func makeReader(of queue: JobQueue, consumer: String) async throws(StoreError) -> any StreamReader

    /// Takes over what other workers left.
    func reclaim(_ claim: Claim, of queue: JobQueue, consumer: String) async throws(StoreError) -> Reclaimed

    /// Ends deliveries of one lane, entries ascending. The answers stand in the same order.
    func settle(
        _ batch: [Settlement], of queue: JobQueue, lane: Lane, consumer: String
    ) async throws(StoreError) -> [SettlementCode]

    /// Renews leases of one lane, entries ascending. Whether each is held still, in the same order.
    func extend(
        _ held: [Held], of queue: JobQueue, lane: Lane, consumer: String
    ) async throws(StoreError) -> [Bool]

    /// Moves due jobs from a delayed set to their streams.
    ///
    /// - Parameters:
    ///   - most: how many at most.
    ///   - mark: how many jobs may wait in the streams before fewer are moved.
    func promote(
        _ set: DelayedSet, of queue: JobQueue, most: Int, mark: Int
    ) async throws(StoreError) -> Promotion

    /// Shows that a worker lives, for as long as `life` says.
    ///
    /// - Returns: the store's time.
    func beat(_ heartbeat: [(field: String, value: String)], of consumer: String, life: Duration)
        async throws(StoreError) -> Int64

    /// Takes a worker's heartbeat away.
    func endHeartbeat(of consumer: String) async throws(StoreError)

    /// Removes a consumer from a queue, unless it still holds something.
    func leave(_ queue: JobQueue, consumer: String) async throws(StoreError)

    /// Removes the consumers of a queue that hold nothing and whose worker shows no sign of life.
    ///
    /// - Returns: their names.
    func sweep(_ queue: JobQueue) async throws(StoreError) -> [String]

    /// The last tick of a schedule that was handled, which is made `first` when there is none.
    func lastTick(of schedule: String, first: Int64) async throws(StoreError) -> Int64
}

package protocol OperatorStorage: Sendable {
    func pause(_ queue: String, _ isPaused: Bool) async throws(StoreError)

    func pausedQueues() async throws(StoreError) -> [String]

    /// A page of a queue's dead letters, oldest first, after one.
    func deadLetters(
        of queue: String, after: DeadLetter.ID?, limit: Int
    ) async throws(StoreError) -> [DeadLetter]

    /// Brings a job forward that waits for another attempt, and tells of any other what it is.
    func hasten(_ id: JobID) async throws(StoreError) -> Hastening

    /// Puts dead letters back into their queue, as first attempts. Which of them were there, in the same order; one of
    /// which too little is left to be run stays.
    func redrive(_ letters: [DeadLetter], of queue: String) async throws(StoreError) -> [Bool]

    /// Throws dead letters away. Which of them were there, in the same order.
    func drop(_ letters: [DeadLetter], of queue: String) async throws(StoreError) -> [Bool]
}

package protocol AuditStorage: Sendable {
    /// Where jobs are, in the same order; each as of one moment.
    func locate(_ jobs: [JobID], in queue: String) async throws(StoreError) -> [JobLocation]

    /// Puts jobs back that are nowhere. What became of each, in the same order.
    func restore(_ jobs: [RestoredJob], to queue: JobQueue) async throws(StoreError) -> [Restoration]

    /// Some jobs of a part of a queue, and where to go on.
    func jobs(
        in queue: String, part: QueuePart, after cursor: QueuePage.Cursor?
    ) async throws(StoreError) -> QueuePage
}

/// Reads one queue's streams for one consumer. Used by one task, but for ``unblock()``.
package protocol StreamReader: Sendable {
    /// Delivers what is there, at once: each lane up to its count.
    func read(_ reads: [LaneRead]) async throws(StoreError) -> [Delivered]

    /// Waits until there is something in any lane and delivers up to `count` of each; nothing when the time is up.
    func wait(_ count: Int, for time: Duration) async throws(StoreError) -> [Delivered]

    /// Ends a wait.
    func unblock() async

    func close() async
}

/// A set of jobs that wait for their time. Two, so that neither keeps the other waiting.
package enum DelayedSet: String, Sendable, CaseIterable {
    /// Failed and put-off attempts.
    case retry
    /// Jobs that were enqueued for later.
    case scheduled
}
