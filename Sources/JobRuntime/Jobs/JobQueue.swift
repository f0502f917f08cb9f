/// A queue: a stream that one consumer group works off.
public struct JobQueue: Hashable, Sendable {
    /// The name of the stream, without the key prefix.
    public let name: String

    /// A tracked queue keeps a record per job (state, attempts, result), so that one can ask for it by id. An untracked
    /// one costs no more than the stream itself, and tells only what the stream tells.
    public let isTracked: Bool

    /// - Parameter name: must not be empty, have a comma or control characters in it, or be the name of another key of
    ///   the runtime (``isName(_:)``).
    public init(_ name: String, isTracked: Bool = true) {
        precondition(Self.isName(name), "no name for a queue: \(name)")
        self.name = name
        self.isTracked = isTracked
    }
}

extension JobQueue {
    private static let reserved: Set = ["workers", "queues", "queues:paused", "schedules"]
    private static let beginnings = ["job:", "worker:", "message_events", "posthaste:", "idempotency:"]
    private static let ends =
        (Lane.allCases.map(\.rawValue) + DelayedSet.allCases.map(\.rawValue) + ["dead"]).map { ":\($0)" }

    /// Whether a queue may have a name: the keys of two things must never be one.
    public static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.contains(",") && !name.contains(":unique:") && !reserved.contains(name)
            && !name.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
            && !beginnings.contains { name.hasPrefix($0) } && !ends.contains { name.hasSuffix($0) }
    }
}
