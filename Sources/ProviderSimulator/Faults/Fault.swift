/// A misbehaviour, as a value.
struct Fault: Sendable, Equatable {
    enum Effect: Sendable, Equatable {
        /// This status instead of the provider's answer.
        case status(Int)
        /// The provider takes the message and never answers.
        case hang
        /// The provider takes the message, then closes the connection without an answer.
        case drop
    }

    /// nil: the fault only delays.
    var effect: Effect?
    var delay: Duration = .zero
    /// `Retry-After` in seconds.
    var retryAfter: Int?
    /// The error code in the body, where the provider has one.
    var code: Int?
    /// Whether the provider has the message although it answers with an error: the ambiguous 5xx.
    var acceptsFirst = false

    var accepts: Bool {
        switch effect {
        case .status(let status): acceptsFirst || (200..<300).contains(status)
        case .hang, .drop, nil: true
        }
    }

    var answers: Bool { effect != .hang && effect != .drop }
}

extension Fault: CustomStringConvertible {
    /// In the syntax of a directive.
    var description: String {
        var parts: [String] = []
        if delay > .zero { parts.append("delay=\(delay.milliseconds)") }
        switch effect {
        case .status(let status): parts.append("status=\(status)")
        case .hang: parts.append("hang")
        case .drop: parts.append("drop")
        case nil: break
        }
        if let code { parts.append("code=\(code)") }
        if let retryAfter { parts.append("retry-after=\(retryAfter)") }
        if acceptsFirst { parts.append("accept") }
        return parts.joined(separator: ",")
    }
}

extension Duration {
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
