public import JobRuntime

/// Waits for what becomes of jobs.
public protocol OutcomeSource: Sendable {
    /// The record of a job as soon as it satisfies a condition; when the time is over, as it is then.
    ///
    /// - Returns: nil when there is no record.
    func outcome(
        of id: JobID, within limit: Duration, isSettled: @escaping @Sendable (JobRecord) -> Bool
    ) async throws -> JobRecord?
}

extension OutcomeWatch: OutcomeSource {}
