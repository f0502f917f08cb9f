public import NIOCore

/// What runs the jobs of one kind.
///
/// A handler runs again for the same job when a worker died in the middle of it (``Attempt/deliveries`` then says so).
/// Its task is cancelled when the worker loses its lease or is told to stop; a handler that ends by throwing
/// `CancellationError` then gives the job back untouched. Any other error is a retry under the kind's policy.
public protocol JobHandler<Payload>: Sendable {
    associatedtype Payload: Job

    func run(_ job: Payload, attempt: Attempt) async throws -> Outcome

    /// Whether a job whose time is over (``JobMeta/expiresAt``), or will be before its next attempt, is still handed to it
    /// where an earlier delivery may have done the work, or an attempt has left it in doubt (``JobMemo/inDoubt``): to find
    /// out what became of it. What crashes its workers is then held as unknown. By default not.
    var settlesExpired: Bool { get }

    /// What is to be enqueued when a job has ended, in the very step that ends it: never without the end, never for an
    /// end that another worker has made. None, where the handler does not say.
    ///
    /// A job that is cancelled, or deleted from the store by somebody, ends without them.
    ///
    /// - Parameters:
    ///   - payload: as it stands in the stream; a job that was not decoded ends, too.
    ///   - attempt: the last one; it is asked when that has ended, and ``Attempt/startedAt`` is then.
    /// - Returns: jobs that begin at once; neither their ``NewJob/start`` nor ``NewJob/unique`` is heeded. Of a tracked
    ///   queue one whose id was enqueued before is not enqueued again: ids derived from the job's own
    ///   (``JobID/derived(from:_:)``) make each follow-up one job, however often its cause is redriven.
    func followUps(to ending: Ending, of payload: ByteBuffer, attempt: Attempt) -> [NewJob]

    /// Hears that a job has ended, once the store has taken it, and never of an end that was another worker's to make: the
    /// place to count from. The slots of the jobs that ended with it wait for it, so it is to be quick. It is not heard where
    /// the worker died right then.
    ///
    /// - Parameter note: what the last attempt has noted by a name (``Attempt/note(_:_:)``); nil: nothing, or it was not run.
    func ended(_ ending: Ending, note: (_ name: String) -> String?)
}

extension JobHandler {
    public var settlesExpired: Bool { false }

    public func followUps(to ending: Ending, of payload: ByteBuffer, attempt: Attempt) -> [NewJob] { [] }

    public func ended(_ ending: Ending, note: (_ name: String) -> String?) {}
}
