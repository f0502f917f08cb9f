/// How a job has ended: nothing more is done for it, unless a person redrives its dead letter.
public enum Ending: Sendable, Equatable {
    case succeeded(result: String?)
    case dead(reason: DeadReason, error: String)
    case unknown(error: String)
    case expired(error: String)
    case discarded(reason: DeadReason, error: String)
}

extension Settlement.Verb {
    /// nil: the job goes on.
    var ending: Ending? {
        switch self {
        case .done(let result): .succeeded(result: result.isEmpty ? nil : result)
        case .dead(.dead, let reason, let error): .dead(reason: reason, error: error)
        case .dead(.unknown, _, let error): .unknown(error: error)
        case .expired(let error): .expired(error: error)
        case .discarded(let reason, let error): .discarded(reason: reason, error: error)
        case .delay, .release: nil
        }
    }
}
