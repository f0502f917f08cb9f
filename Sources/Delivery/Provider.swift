public import JobRuntime

/// Somebody who takes messages of one kind and carries them further: a vendor's API, a mail server, an endpoint.
///
/// A provider makes one try and says what came of it. It never retries, waits, or decides what becomes of the job: that
/// is the ``Verdict``'s place, and one mapping turns it into the attempt's outcome.
public protocol Provider<Message>: Sendable {
    associatedtype Message: Job

    /// How logs, errors and results call it: `twilio`.
    var name: String { get }

    /// Makes one try. Ends within the provider's own time-out; a cancelled task ends it early, as
    /// ``Verdict/transient(_:)`` where nothing can have reached the other side, else as the channel's doubt.
    func send(_ message: Message, attempt: Attempt) async -> Verdict
}
