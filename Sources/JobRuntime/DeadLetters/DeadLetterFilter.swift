/// Which dead letters of a queue are meant: those that everything said here is true of.
public struct DeadLetterFilter: Sendable, Equatable {
    public var reason: DeadReason?
    public var kind: String?
    /// Somewhere in the error, in upper or lower case.
    public var error: String?
    /// Unix milliseconds of Redis's clock, as the next.
    public var diedBefore: Int64?
    public var diedAfter: Int64?
    public var jobs: Set<JobID>?

    public init(
        reason: DeadReason? = nil, kind: String? = nil, error: String? = nil, diedBefore: Int64? = nil,
        diedAfter: Int64? = nil, jobs: Set<JobID>? = nil
    ) {
        self.reason = reason
        self.kind = kind
        self.error = error
        self.diedBefore = diedBefore
        self.diedAfter = diedAfter
        self.jobs = jobs
    }

    public func matches(_ letter: DeadLetter) -> Bool {
        if let reason, letter.reason != reason { return false }
        if let kind, letter.kind != kind { return false }
        if let error, !letter.error.lowercased().contains(error.lowercased()) { return false }
        if let diedBefore, letter.diedAt >= diedBefore { return false }
        if let diedAfter, letter.diedAt <= diedAfter { return false }
        if let jobs { return letter.job.map(jobs.contains) ?? false }
        return true
    }
}
