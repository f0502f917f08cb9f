/// What is found out about a job and its surroundings: all that ``JobExplanation`` is made from.
struct JobFacts: Sendable {
    var id: JobID
    var now: Moment
    /// nil: nothing is known of the job.
    var record: JobRecord?
    var isPaused = false
    /// The living workers that read its queue.
    var readers: [WorkerStatus] = []
    /// How many of the queue's jobs these hold.
    var held = 0
    /// How many jobs of its lane are delivered before it, counted up to ``JobFacts/countingEnds``.
    var ahead = 0
    /// Jobs that wait in more urgent lanes of its queue.
    var moreUrgent = 0
    /// The worker that runs it; nil when that shows no sign of life.
    var runner: WorkerStatus?
    /// Whether what its record points to is there: its entry, its place in a delayed set, its dead letter.
    var isInPlace = true

    static let countingEnds = 10_000
}
