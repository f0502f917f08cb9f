import Foundation
import JobRuntime
import Synchronization

/// The journal of one worker process: a file to which each line is appended by a single write(2), so that a kill -9
/// leaves every line that was written, and nothing that was not.
final class Journal: Sendable {
    private let descriptor: Int32
    private let lastRun = Atomic(0)

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    func write(_ line: JournalLine) {
        let bytes = Array("\(line)\n".utf8)
        // A run that could not be written down must not happen.
        precondition(Foundation.write(descriptor, bytes, bytes.count) == bytes.count, "the journal cannot be written")
    }

    func nextRun() -> Int { lastRun.add(1, ordering: .relaxed).newValue }
}

/// Writes down every run: its begin before the handler, its end before the outcome is settled.
struct Journaling: JobMiddleware {
    let journal: Journal

    func run(
        _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
    ) async throws -> Outcome {
        let run = journal.nextRun()
        journal.write(
            .begin(
                run: run, at: .current, job: "\(attempt.job)", attempt: attempt.number,
                snoozes: attempt.meta.snoozes, deliveries: attempt.deliveries))
        do {
            let outcome = try await next(attempt)
            journal.write(.end(run: run, at: .current, word: Self.word(outcome)))
            return outcome
        } catch {
            let isCancelled = error is CancellationError
            journal.write(.end(run: run, at: .current, word: isCancelled ? "cancelled" : "threw"))
            throw error
        }
    }

    private static func word(_ outcome: Outcome) -> String {
        switch outcome {
        case .succeeded: "succeeded"
        case .retry: "retry"
        case .snooze: "snooze"
        case .expired: "expired"
        case .discarded: "discarded"
        case .dead: "dead"
        case .unknown: "unknown"
        }
    }
}
