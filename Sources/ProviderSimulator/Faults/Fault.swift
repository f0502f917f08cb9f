/// A misbehaviour, as a value.
struct Fault: Sendable, Equatable {
    enum Effect: Sendable, Equatable {
        /// This status instead of the provider's answer.
        case status(Int)
        /// HTTP 200 with this error inside, as Vonage's SMS API answers. Other providers have nothing like it.
        case vonage(Int)
        /// The provider takes the message and never answers.
        case hang
        /// The provider takes the message, then closes the connection without an answer.
        case drop
    }

    /// nil: the fault only delays, or shows only afterwards.
    var effect: Effect?
    var delay: Duration = .zero
    /// Pause before each byte of the answer's body.
    var drip: Duration?
    /// `Retry-After` in seconds.
    var retryAfter: Int?
    /// The error code in the body, where the provider has one.
    var code: Int?
    /// Whether the provider has the message although it answers with an error: the ambiguous 5xx.
    var acceptsFirst = false
    var aftermath = Aftermath()

    var accepts: Bool {
        switch effect {
        case .status(let status): acceptsFirst || (200..<300).contains(status)
        case .vonage: acceptsFirst
        case .hang, .drop, nil: true
        }
    }

    var answers: Bool { effect != .hang && effect != .drop }

    var throttles: Bool { !accepts && (effect == .status(429) || effect == .vonage(1)) }

    /// Adds what a later directive or rule says. Delays add up; else what stands already stays.
    mutating func add(_ later: Fault) {
        if effect == nil {
            effect = later.effect
            retryAfter = later.retryAfter
            code = later.code
            acceptsFirst = later.acceptsFirst
        }
        delay += later.delay
        drip = drip ?? later.drip
        aftermath.add(later.aftermath)
    }
}

extension Fault: CustomStringConvertible {
    /// In the syntax of a directive.
    var description: String {
        var parts: [String] = []
        if delay > .zero { parts.append("delay=\(delay.milliseconds)") }
        if let drip { parts.append("drip=\(drip.milliseconds)") }
        switch effect {
        case .status(let status): parts.append("status=\(status)")
        case .vonage(let error): parts.append("vonage=\(error)")
        case .hang: parts.append("hang")
        case .drop: parts.append("drop")
        case nil: break
        }
        if let code { parts.append("code=\(code)") }
        if let retryAfter { parts.append("retry-after=\(retryAfter)") }
        if acceptsFirst { parts.append("accept") }
        return (parts + aftermath.parts).joined(separator: ",")
    }
}

extension Duration {
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
