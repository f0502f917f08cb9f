import JobRuntime

@testable import chaos_worker

/// Everything that is known of a run when it is over: what was asked for, what the workers wrote down, what Redis holds.
struct History: Sendable {
    /// A run of a job's step, as a journal has it.
    struct Run: Sendable {
        /// The place of its worker in ``History/workers``.
        var worker: Int
        var job: JobID
        var attempt: Int
        var snoozes: Int
        var deliveries: Int
        var begin: Instant
        var end: Instant?
        /// How it ended; nil when its process ended first.
        var word: String?

        /// From 0.
        var step: Int { attempt - 1 + snoozes }
        /// It was given up when it was told to stop, and its job given back as if it had not been begun.
        var isHandedBack: Bool { word == "cancelled" }
    }

    struct Worker: Sendable {
        var name: String
        var consumer = ""
        var end: WorkerLife.End
        var stops: [ClosedRange<Instant>]
        /// When it was told to stop.
        var toldAt: Instant?
        var hiccups: [ClosedRange<Instant>] = []
        /// Of the last line.
        var lastSeen: Instant = 0
        /// The last that it wrote down.
        var tally = WorkerTally()
        /// It wrote down that it leaves.
        var hasLeft = false
    }

    /// A transition, as the stream of events has it.
    struct Event: Sendable {
        /// Its place among all events.
        var index: Int
        var fields: [String: String]

        var type: String { fields["type"] ?? "" }
        var consumer: String? { fields["consumer"] }
        var attempt: Int { fields["attempt"].flatMap { Int($0) } ?? 0 }
        var deliveries: Int { fields["deliveries"].flatMap { Int($0) } ?? 0 }
    }

    struct Stored: Sendable {
        var fields: [String: String]
        /// Milliseconds that it has left; -1: for ever.
        var life: Int64
    }

    var settings: ChaosSettings
    var jobs: [JobPlan]
    var admissions: [Int: Admissions.Admission] = [:]
    var cancellations: [Int: Admissions.CancelAnswer] = [:]
    var refusals = 0
    /// The jobs of which it was not certain at some time whether they were enqueued.
    var uncertain: Set<Int> = []
    var incidents: [FaultLog.Incident] = []
    var faults: [String: Int] = [:]
    var workers: [Worker] = []
    var runs: [JobID: [Run]] = [:]
    var events: [JobID: [Event]] = [:]
    var records: [JobID: Stored] = [:]
    var letters: [(queue: String, fields: [String: String])] = []
    var uniqueKeys: [String: (holder: String, life: Int64)] = [:]
    /// What of the server is not accounted for: keys that should not be there, or hold something.
    var leftovers: [String] = []
    var elapsed: Duration = .zero
    /// What must be taken from a time of Redis, in microseconds, to make it a moment.
    var epoch: Instant = 0
}
