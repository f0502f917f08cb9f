/// A queue: a stream that one consumer group works off.
public struct JobQueue: Hashable, Sendable {
    /// The name of the stream, without the key prefix.
    public let name: String

    /// A tracked queue keeps a record per job (state, attempts, result), so that one can ask for it by id. An untracked
    /// one costs no more than the stream itself, and tells only what the stream tells.
    public let isTracked: Bool

    public init(_ name: String, isTracked: Bool = true) {
        self.name = name
        self.isTracked = isTracked
    }
}
