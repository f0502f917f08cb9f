import JobRuntime

/// What one run of a chaos job does: how long it takes, and how it ends.
struct Step: Codable, Sendable, Equatable {
    enum End: String, Codable, Sendable, CaseIterable {
        case succeed, retry, snooze, dead, unknown
        /// Throws an error, which is a retry under the policy.
        case fail
        /// Runs until it is cancelled for being late.
        case overrun
        /// Runs on past its deadline and the grace after it, whoever cancels.
        case stubborn
        /// Kills its worker, with SIGKILL, when it is delivered for the first time; succeeds when it is again.
        case crash
    }

    var end: End
    /// Milliseconds.
    var runs = 0
    /// Milliseconds to the next run, of a retry or a snooze.
    var wait = 0
    /// Takes its time whoever cancels.
    var isDeaf = false

    /// How the journal calls the end of a run that came to one.
    var word: String {
        switch end {
        case .succeed, .crash: "succeeded"
        case .retry, .stubborn: "retry"
        case .fail, .overrun: "threw"
        case .snooze: "snooze"
        case .dead: "dead"
        case .unknown: "unknown"
        }
    }
}

/// A job that brings its outcomes along: a step for each of its runs.
struct ChaosJob: Job, Equatable {
    static let kind = "chaos"
    static let policy = RetryPolicy(
        backoff: .exponential(base: .milliseconds(30), cap: .milliseconds(300)), maximumAttempts: 6,
        maximumAge: .seconds(6 * 3600))

    var number: Int
    var steps: [Step]
}

/// A job each of whose runs is too slow for its deadline.
struct LateJob: Job, Equatable {
    static let kind = "late"
    static let policy = RetryPolicy(backoff: .schedule([.milliseconds(50)]), maximumAttempts: 2)
    static let deadline: Duration = .milliseconds(400)
    static let grace: Duration = .milliseconds(300)

    var number: Int
    var steps: [Step]
}

/// What driver and workers must agree on.
enum Chaos {
    static let tracked = JobQueue("chaos")
    static let untracked = JobQueue("plain", isTracked: false)
    static let queues = [tracked, untracked]

    static let storeOptions: RedisStoreOptions = {
        var options = RedisStoreOptions()
        options.keepsEvents = true
        return options
    }()
}
