import Foundation
import JobRuntime

/// Does what a job's plan says for the run that it is.
enum ChaosHandler {
    struct Failure: Error {}
    struct NotPlanned: Error {}

    static func run(_ steps: [Step], number: Int, attempt: Attempt) async throws -> Outcome {
        let index = attempt.number - 1 + attempt.meta.snoozes
        guard steps.indices.contains(index) else { throw NotPlanned() }
        let step = steps[index]
        try await take(step)
        switch step.end {
        case .succeed: return .succeeded(result: "\(number)")
        case .retry: return .retry(error: "planned", after: .milliseconds(step.wait))
        case .snooze: return .snooze(for: .milliseconds(step.wait), reason: "planned")
        case .dead: return .dead(reason: .permanent, error: "planned")
        case .unknown: return .unknown(error: "planned")
        case .stubborn: return .retry(error: "late")
        case .fail: throw Failure()
        case .overrun:
            // Until the deadline; a SIGSTOP may make it longer.
            while true { try await Task.sleep(for: .seconds(3600)) }  // allowed: what the job is
        case .crash:
            if attempt.deliveries == 1 { kill(getpid(), SIGKILL) }
            return .succeeded(result: "\(number)")
        }
    }

    private static func take(_ step: Step) async throws {
        guard step.runs > 0 else { return }
        let time = Duration.milliseconds(step.runs)
        if step.isDeaf || step.end == .stubborn {
            await Task { try? await Task.sleep(for: time) }.value  // allowed: what the job is
        } else {
            try await Task.sleep(for: time)  // allowed: what the job is
        }
    }
}
