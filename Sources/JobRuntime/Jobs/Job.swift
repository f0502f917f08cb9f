/// A unit of work: a value that is written to a queue as JSON and handed to the handler registered for its kind.
///
/// `kind` is written into the stream beside the payload and picks the handler. It must stay the same as long as a job
/// of that kind may wait anywhere, whatever the type is renamed to.
public protocol Job: Codable, Sendable {
    static var kind: String { get }
}
