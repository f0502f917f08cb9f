/// What the attempts to reach one recipient meet, one after the other: the nth attempt the nth step. After the last step
/// the provider behaves.
struct RecipientScript: Sendable {
    /// As they were given: directives, and `ok` for a step without a fault.
    let steps: [String]
    /// nil: the provider behaves.
    private let directives: [Directive?]
    /// How many attempts there were.
    private(set) var attempts = 0

    init(_ steps: [String]) throws(DirectiveError) {
        self.steps = steps
        var directives: [Directive?] = []
        for step in steps {
            let directive = step == "ok" ? nil : try Directive(parsing: step)
            if directive?.times != nil || directive?.burst != nil {
                throw DirectiveError(text: step, problem: "a step is met once, without times or burst")
            }
            directives.append(directive)
        }
        self.directives = directives
    }

    /// Counts an attempt.
    mutating func next() -> Directive? {
        defer { attempts += 1 }
        return attempts < directives.count ? directives[attempts] : nil
    }

    /// Twilio writes a number with its plus, Vonage without.
    static func key(of recipient: String) -> String {
        recipient.hasPrefix("+") ? String(recipient.dropFirst()) : recipient
    }
}
