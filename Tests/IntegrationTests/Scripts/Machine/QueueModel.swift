@testable import JobRuntime

/// A queue as plain values: what its scripts are to make of it, said a second time and in the simplest way.
struct QueueModel {
    struct Meta: Equatable {
        var snoozes = 0
        var isRedriven = false
        var isRestored = false
        var isInDoubt = false

        init(isRestored: Bool = false, isInDoubt: Bool = false) {
            (self.isRestored, self.isInDoubt) = (isRestored, isInDoubt)
        }

        /// - Parameter meta: nil: none that can be read.
        init(_ meta: JobMeta?) {
            snoozes = meta?.snoozes ?? -1
            isRedriven = meta?.redrivenAt != nil
            isRestored = meta?.restoredAt != nil
            isInDoubt = meta?.inDoubt ?? false
        }

        var text: String {
            "snoozes=\(snoozes) redriven=\(isRedriven) restored=\(isRestored) in doubt=\(isInDoubt)"
        }
    }

    /// A job, wherever it is: it is in one place at a time.
    struct Job {
        let id: JobID
        let lane: Lane
        /// Unix milliseconds: when it was enqueued, and since when it may run.
        let at: Int64
        let since: Int64
        var attempt = 1
        var meta = Meta()
    }

    /// A delivery that is not settled.
    struct Hold {
        /// Nobody's, where it was handed back.
        var consumer: String?
        var deliveries: Int
        /// Idle for longer than any lease.
        var isLeft = false
    }

    /// An entry of a stream.
    struct Place {
        let job: Int
        /// Known from its first delivery on.
        var entry: EntryID?
        var hold: Hold?
    }

    struct Letter {
        let job: Int
        let attempt: Int
        let meta: Meta
        let reason: String
        let error: String
        /// Known once somebody has looked.
        var id: DeadLetter.ID?
    }

    /// The fields of a hash; what is a moment or a place is only said to be there.
    struct Record {
        var fields: [String: String]
        var expires = false
    }

    let isTracked: Bool
    let keepsEvents: Bool
    /// Whatever is due later waits for good.
    let horizon: Int64
    var jobs: [Int: Job] = [:]
    var streams: [Lane: [Place]] = [:]
    /// Job → due.
    var delayed: [DelayedSet: [Int: Int64]] = [:]
    var dead: [Letter] = []
    var records: [Int: Record] = [:]
    var events: [[String: String]] = []
    /// Unique key → the job that has it.
    var holders: [String: Int] = [:]
    var isPaused = false
    /// Who has a heartbeat.
    var alive: Set<String> = []

    init(isTracked: Bool, keepsEvents: Bool, horizon: Int64) {
        self.isTracked = isTracked
        self.keepsEvents = keepsEvents
        self.horizon = horizon
    }

    static let some = "some"

    static func payload(_ number: Int) -> String { "{\"number\":\(number)}" }

    subscript(lane: Lane) -> [Place] {
        get { streams[lane] ?? [] }
        set { streams[lane] = newValue }
    }

    /// Tells of a change, where that is done.
    mutating func tell(_ type: String, _ number: Int, attempt: Int, _ more: [String: String] = [:]) {
        guard keepsEvents, isTracked else { return }
        let fields = ["type": type, "id": "\(number)", "queue": "work", "attempt": "\(attempt)", "at": Self.some]
        events.append(fields.merging(more) { $1 })
    }

    mutating func set(_ number: Int, _ fields: [String: String]) {
        records[number, default: Record(fields: [:])].fields.merge(fields) { $1 }
    }

    /// A job on its way, with what may keep it out.
    struct New {
        var number: Int
        var id: JobID
        var lane: Lane
        var isForLater = false
        var key: String?
        var scope = NewJob.Unique.Scope.time
    }

    private static let unfinished: Set = ["queued", "scheduled", "retrying", "snoozed", "parked", "unknown"]

    /// - Returns: why each is not enqueued; nil when it is.
    mutating func enqueue(_ batch: [New], mostEntries: Int?, at: Int64) -> [EnqueueReply.Exception?] {
        var room = mostEntries.map { $0 - streams.values.reduce(0) { $0 + $1.count } } ?? .max
        return batch.map { new in
            if isTracked || new.isForLater, records[new.number] != nil { return .duplicate(new.id) }
            if let holder = new.key.flatMap({ holders[$0] }), let first = jobs[holder],
                new.scope == .time || Self.unfinished.contains(records[holder]?.fields["state"] ?? "")
            {
                return .duplicate(first.id)
            }
            if !new.isForLater, room < 1 { return .full("the queue holds \(mostEntries ?? 0) jobs, its limit") }
            if let key = new.key { holders[key] = new.number }
            if !new.isForLater { room -= 1 }
            take(new, at: at)
            return nil
        }
    }

    /// A job that follows another begins at once, unless there was one with its id.
    mutating func follow(_ new: New, at: Int64) {
        if !isTracked || records[new.number] == nil { take(new, at: at) }
    }

    private mutating func take(_ new: New, at: Int64) {
        let start = at + 3_600_000
        jobs[new.number] = Job(id: new.id, lane: new.lane, at: at, since: new.isForLater ? start : at)
        var fields = ["queue": "work", "attempt": "1", "at": "\(at)", "kind": Note.kind]
        fields["payload"] = Self.payload(new.number)
        var event = ["kind": Note.kind, "lane": new.lane.rawValue, "data": Self.payload(new.number)]
        if new.lane != .normal { fields["lane"] = new.lane.rawValue }
        if !new.isForLater {
            fields["state"] = "queued"
            fields["entry"] = Self.some
            self[new.lane].append(Place(job: new.number))
        } else {
            fields.merge(["state": "scheduled", "due": Self.some, "start": "\(start)"]) { $1 }
            fields["meta"] = Meta().text
            if !isTracked { fields["untracked"] = "1" }
            event["due"] = Self.some
            delayed[.scheduled, default: [:]][new.number] = .max
        }
        if isTracked || new.isForLater { records[new.number] = Record(fields: fields) }
        tell("accepted", new.number, attempt: 1, event)
    }

    mutating func cancel(_ number: Int) -> Cancellation {
        guard let job = jobs[number], let fields = records[number]?.fields, let state = fields["state"] else {
            return .notFound
        }
        let waits = ["queued", "scheduled", "retrying", "snoozed", "parked"].contains(state)
        if waits, fields["meta"]?.contains("in doubt=true") ?? false { return .running }
        switch state {
        case "queued":
            // It may have been deleted by hand.
            if let place = self[job.lane].firstIndex(where: { $0.job == number }) {
                if let hold = self[job.lane][place].hold, hold.consumer != nil || hold.deliveries > 0 {
                    return .running
                }
                self[job.lane].remove(at: place)
            }
            set(number, ["entry": Self.some])
        case "scheduled": delayed[.scheduled]?[number] = nil
        case "retrying", "snoozed", "parked": delayed[.retry]?[number] = nil
        default: return .ended(state: state)
        }
        set(number, ["state": "canceled", "settled": Self.some])
        records[number]?.fields["elapsed"] = nil
        records[number]?.expires = true
        tell("canceled", number, attempt: job.attempt)
        return .canceled
    }

    /// What ``Storage/record(of:)`` says of a job, in words; nil when nothing is known of it.
    func state(of number: Int) -> String? {
        guard let job = jobs[number], let fields = records[number]?.fields, let state = fields["state"] else {
            return nil
        }
        switch state {
        case "queued":
            guard let hold = self[job.lane].first(where: { $0.job == number })?.hold, let consumer = hold.consumer
            else { return state }
            return "running \(consumer) \(hold.deliveries)"
        case "snoozed": return "snoozed \(fields["reason"] ?? "")"
        case "dead", "discarded": return "\(state) \(fields["reason"] ?? "")"
        case "done": return "succeeded \(fields["result"] ?? "")"
        default: return state
        }
    }
}
