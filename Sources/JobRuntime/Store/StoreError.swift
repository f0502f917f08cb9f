/// Why the store did not do what it was asked, or may not have.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// It could not be reached, or did not answer in time.
        case unavailable
        /// It refuses for now (it is full, loading, a replica) and may take the same call later.
        case busy
        /// It refuses this call.
        case refused
        /// The queue's consumer group is gone; its reader makes it anew.
        case noGroup
    }

    public let code: Code
    public let message: String
    /// Whether the call may have had its effect. False means that it certainly had none.
    public let mayHaveRun: Bool

    public init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
    }

    public var description: String { message }
}
