public import JobRuntime

/// What became of a person's word that a held job had its effect.
public struct ResolveReport: Encodable, CustomStringConvertible {
    private let id: JobID
    private let state: JobExplanation.State
    public let isResolved: Bool

    /// - Parameters:
    ///   - state: of the job, now.
    ///   - wasReported: whether the word was given; else the job was not held as unknown.
    public init(_ id: JobID, _ state: JobExplanation.State, wasReported: Bool) {
        self.id = id
        self.state = state
        isResolved = wasReported && state == .succeeded
    }

    public var description: String {
        switch state {
        case _ where isResolved: "\(id) counts as sent"
        case .notFound: "\(id) is not known"
        default: "\(id) is not held as unknown, and stays as it is: \(state.rawValue)"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case id, state
        case isResolved = "resolved"
    }
}
