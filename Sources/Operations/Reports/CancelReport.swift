public import JobRuntime

/// What became of the wish to cancel a job.
public struct CancelReport: Encodable, CustomStringConvertible {
    private let id: JobID
    public let isCanceled: Bool
    /// `canceled`, `running`, `not_found`, or the state that it had ended in.
    private let state: String

    public init(_ id: JobID, _ cancellation: Cancellation) {
        self.id = id
        isCanceled = cancellation == .canceled
        state =
            switch cancellation {
            case .canceled: "canceled"
            case .running: "running"
            case .ended(let state): state
            case .notFound: "not_found"
            }
    }

    public var description: String {
        switch state {
        case _ where isCanceled: "\(id) is canceled"
        case "running": "\(id) is being run, and cannot be taken back"
        case "not_found": "\(id) is not known"
        default: "\(id) had ended before: \(state)"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, state
        case isCanceled = "canceled"
    }
}
