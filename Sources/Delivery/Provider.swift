public import JobRuntime

/// Somebody who takes messages of one kind and carries them further: a vendor's API, a mail server, an endpoint.
///
/// A provider makes one try and says what came of it. It never retries, waits, or decides what becomes of the job: that
/// is the ``Verdict``'s place, and the ``Dispatcher`` turns it into the attempt's outcome.
public protocol Provider<Message>: Sendable {
    associatedtype Message: Job

    /// How settings, logs, errors and results call it: `twilio`.
    var name: String { get }

    /// Makes one try. Ends within the provider's own time-out; a cancelled task ends it early, as
    /// ``Verdict/transient(_:after:)`` where nothing can have reached the other side, else as the channel's doubt.
    func send(_ message: Message, attempt: Attempt) async -> Verdict

    /// What stands and falls together, for the breakers: by default the provider as a whole; for webhooks the host.
    func destination(of message: Message) -> String

    /// Whether the other side takes a message once however often it is sent.
    var isIdempotent: Bool { get }

    /// Whether ``find(_:since:)`` can find anything.
    var canBeAsked: Bool { get }

    /// Looks for the message among those that the provider has taken, after a try of which nobody knows the end.
    ///
    /// - Parameter since: Unix milliseconds; the try was not begun earlier.
    func find(_ message: Message, since: Int64) async -> Finding
}

/// What a provider knows of a message that it may have taken.
public enum Finding: Sendable, Equatable {
    /// The messages that look like it, the oldest first. None: it was not taken. Another job may have sent the same
    /// text to the same recipient, so each is some job's, and the ``Dispatcher`` finds out whose.
    case found([Receipt])
    /// It could not be asked just now.
    case unavailable(Fault)
    /// It can never tell.
    case unknowable
}

extension Provider {
    public func destination(of message: Message) -> String { name }

    public var isIdempotent: Bool { false }

    public var canBeAsked: Bool { false }

    public func find(_ message: Message, since: Int64) async -> Finding { .unknowable }
}
