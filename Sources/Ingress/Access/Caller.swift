/// Who makes a request, as its API key says.
struct Caller: Sendable, Equatable {
    /// What a caller may do.
    enum Scope: String, Sendable, CaseIterable {
        /// Messages in: send, batch, cancel, retry.
        case send
        /// Messages and conversations out.
        case read
        /// What is the operator's: every tenant's messages, dead letters, suppressions, metrics.
        case operate
    }

    /// Of the key, for the log and the limits.
    var name: String
    /// Whose messages it sends and sees; nil: everybody's.
    var tenant: String?
    var scopes: Set<Scope>

    /// Where no keys are asked for.
    static let anyone = Caller(name: "anyone", tenant: nil, scopes: Set(Scope.allCases))

    /// Whether a message of a tenant is there for it.
    func sees(_ owner: String?) -> Bool { tenant == nil || tenant == owner }

    func may(_ scope: Scope) -> Bool { scopes.contains(scope) }
}
