public import JobRuntime

/// What an audit has found: where every message that was accepted is now. Each counts once.
public struct AuditReport: Sendable, Equatable {
    /// Messages that went out or were to go, by status, where the ledger says that nothing more is to be done.
    public var ended: [String: Int] = [:]
    /// Those on which something is still to be done, by where they are in Redis.
    public var open: [Place: Int] = [:]
    /// Open by the ledger, and nowhere: accepted and lost.
    public var missing: [Finding] = []
    /// Ended by its record in Redis, and open by the ledger, though it has read all events up to then; or in its queue
    /// without a record. Not to be put back.
    public var behind: [Finding] = []
    /// In Redis, and the ledger does not know that they were accepted, though it has read all events up to then.
    public var unaccounted: [Finding] = []
    /// Which cannot be told: the ledger has not read all events yet.
    public var undecided = 0
    /// Suppressed by the ledger, and not on the list in Redis.
    public var forgottenSuppressions = 0
    /// Events that could not be kept (`rejected_events`).
    public var rejectedEvents = 0
    /// What was mended, where that was asked for.
    public var repair: Repair?

    public init() {}

    /// A place where an open message can be.
    public enum Place: String, Sendable, CaseIterable {
        case waiting, sending, retrying, scheduled
        /// A dead letter: held as unknown, or failed though the ledger does not say so yet.
        case dead
        /// It was accepted a moment ago, or ended while the audit looked.
        case moving
    }

    public struct Finding: Sendable, Equatable {
        public var id: JobID
        public var queue: String
        /// By the ledger, where it knows it.
        public var status: String
        /// What Redis says of it, as a clause.
        public var what: String

        public init(id: JobID, queue: String, status: String, what: String) {
            self.id = id
            self.queue = queue
            self.status = status
            self.what = what
        }
    }

    public struct Repair: Sendable, Equatable {
        /// Put back into their queues.
        public var restored: [JobID] = []
        /// Taken out of the ledger: their requests were in doubt, and were made again with their idempotency keys.
        public var withdrawn: [JobID] = []
        /// Left as they are, and why.
        public var left: [Finding] = []
        public var suppressions = 0

        public init() {}
    }

    /// What has lost its record, and is in its queue all the same, is not missing: put back, it would be there twice.
    mutating func excuse(_ present: Set<JobID>) {
        for var finding in missing where present.contains(finding.id) {
            finding.what = "it is in its queue, and has no record"
            behind.append(finding)
        }
        missing.removeAll { present.contains($0.id) }
    }

    /// All messages that were accepted, as the ledger has it.
    public var accepted: Int { endedInAll + openInAll }
    public var endedInAll: Int { ended.values.reduce(0, +) }
    public var openInAll: Int { open.values.reduce(0, +) + missing.count + behind.count + undecided }

    /// Whether every accepted message is somewhere, and every one that is somewhere was accepted.
    public var isBalanced: Bool { missing.isEmpty && behind.isEmpty && unaccounted.isEmpty }
}

extension JobLocation {
    /// Where that is for an open message; nil where it is not as it should be.
    var place: AuditReport.Place? {
        switch self {
        case .waiting: .waiting
        case .running: .sending
        case .retrying, .snoozed, .parked: .retrying
        case .scheduled: .scheduled
        case .dead(let isDropped), .unknown(let isDropped): isDropped ? nil : .dead
        case .absent, .elsewhere, .finished, .lost: nil
        }
    }

    /// As a clause.
    var words: String {
        switch self {
        case .absent: "Redis has no record of it"
        case .elsewhere(let queue): "its record is of queue \(queue)"
        case .finished(let state): "by its record it is \(state)"
        case .lost(let state): "its record says \(state), and it is not there"
        case .dead(true), .unknown(true): "its dead letter was dropped"
        case .waiting, .running, .scheduled, .retrying, .snoozed, .parked, .dead, .unknown: "it is there"
        }
    }
}
