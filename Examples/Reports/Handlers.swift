import JobRuntime
import Logging

/// A handler as a type, because it needs things to work with.
struct ReportRenderer: JobHandler {
    let archive: Archive
    /// How long a report takes.
    let time: Duration

    private static let cents = ["north": 120_050, "east": 99_900, "south": 210_000, "west": 5_500]

    /// Stands for a database that cannot be reached.
    private struct Busy: Error {}

    /// May run twice for the same job, when a worker dies in the middle of it: what it does, it can do twice.
    func run(_ job: RenderReport, attempt: Attempt) async throws -> Outcome {
        guard let cents = Self.cents[job.region] else {
            // Another attempt would end like this one.
            return .dead(reason: .permanent, error: "no such region: \(job.region)")
        }
        // Whatever is thrown is a failed attempt, and the policy says when the next one follows.
        if job.region == "south", attempt.number == 1 { throw Busy() }
        // When the worker stops, or the attempt takes too long, this throws `CancellationError`. Nothing has been done
        // yet, so that is right.
        try await Task.sleep(for: time)
        await archive.keep("\(job.region): \(cents)", as: "\(job.region)-\(job.month)")
        return .succeeded(result: #"{"cents":\#(cents)}"#)
    }
}

extension JobHandlers {
    /// What the worker can do.
    static func reports(_ archive: Archive, time: Duration) -> JobHandlers {
        let policy = RetryPolicy(
            backoff: .schedule([.seconds(1), .seconds(10), .seconds(60)]), maximumAttempts: 10,
            maximumAge: .seconds(3600))
        var handlers = JobHandlers()
        handlers.register(ReportRenderer(archive: archive, time: time), policy: policy, timeout: .seconds(120))
        handlers.register(CountReports.self) { _, attempt in
            let count = await archive.count
            attempt.logger.info("Reports kept: \(count)")
            return .succeeded()
        }
        return handlers
    }
}

/// A middleware of one's own: it wraps around every attempt.
struct Narrator: JobMiddleware {
    func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        do {
            let outcome = try await next(attempt)
            print("  \(attempt.kind), attempt \(attempt.number): \(outcome.name)")
            return outcome
        } catch {
            print("  \(attempt.kind), attempt \(attempt.number): threw \(error)")
            throw error
        }
    }
}
