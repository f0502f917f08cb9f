public import Logging

/// Says when an attempt begins and how it ended, with how long it took.
///
/// What becomes of the job is told by the worker itself, once it is settled.
public struct AttemptLogging: JobMiddleware {
    private let level: Logger.Level

    public init(level: Logger.Level = .debug) { self.level = level }

    public func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        let logger = attempt.logger
        guard logger.logLevel <= level else { return try await next(attempt) }
        let begin = ContinuousClock.now
        logger.log(
            level: level, "Attempt begins",
            metadata: ["attempt": "\(attempt.number)", "deliveries": "\(attempt.deliveries)"])
        do {
            let outcome = try await next(attempt)
            end(outcome.name, attempt, since: begin)
            return outcome
        } catch {
            end("threw \(error)", attempt, since: begin)
            throw error
        }
    }

    private func end(_ outcome: String, _ attempt: Attempt, since begin: ContinuousClock.Instant) {
        attempt.logger.log(
            level: level, "Attempt ended",
            metadata: [
                "attempt": "\(attempt.number)", "outcome": "\(outcome)", "elapsed": "\(ContinuousClock.now - begin)",
            ])
    }
}

extension Outcome {
    /// The outcome in one word, as metrics and logs name it.
    public var name: String {
        switch self {
        case .succeeded: "succeeded"
        case .retry: "retry"
        case .snooze: "snooze"
        case .dead: "dead"
        case .unknown: "unknown"
        case .expired: "expired"
        case .discarded: "discarded"
        }
    }
}
