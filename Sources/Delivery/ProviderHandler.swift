public import JobRuntime
import Logging

/// Runs the jobs of one kind of message by handing each to its provider.
public struct ProviderHandler<Message: Job>: JobHandler {
    private let provider: any Provider<Message>

    public init(_ provider: any Provider<Message>) { self.provider = provider }

    /// One try. Nothing is sent where the task is already cancelled, and a cancelled try that can be repeated without
    /// harm gives the job back; a cancelled try that may have reached the provider is reported as what it is.
    public func run(_ message: Message, attempt: Attempt) async throws -> Outcome {
        try Task.checkCancellation()
        if attempt.deliveries > 1 {
            attempt.logger.warning(
                """
                delivered again after a worker died or lost its lease in the middle of this attempt: it is sent again, \
                and the recipient may get it twice
                """,
                metadata: ["provider": "\(provider.name)", "deliveries": "\(attempt.deliveries)"])
        }
        let verdict = await provider.send(message, attempt: attempt)
        if case .transient = verdict { try Task.checkCancellation() }
        return Outcome(verdict)
    }
}
