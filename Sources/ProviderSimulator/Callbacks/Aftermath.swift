/// What becomes of a message after its provider took it, and how the provider tells. What is nil is as it should be: the
/// message is delivered, and each step told once, in order, after the answer.
struct Aftermath: Sendable, Equatable {
    enum Quirk: String, Sendable, CaseIterable {
        /// Each callback twice.
        case duplicate
        /// The last first.
        case reverse
        /// All of them before the answer to the request that they are about.
        case early
        case none
    }

    /// How a text ends: a status of Twilio's or of Vonage's delivery receipts, and its error code.
    struct Ending: Sendable, Equatable {
        enum Status: String, Sendable {
            case delivered, undelivered, failed, sent
            case expired, rejected, accepted, buffered, unknown
        }

        var status: Status
        var code: Int?
    }

    /// How a mail ends, in SendGrid's words.
    enum MailEnding: String, Sendable, CaseIterable {
        case delivered, deferred, bounce, blocked, dropped, spamreport, unsubscribe
    }

    var quirks: Set<Quirk>?
    var ends: Ending?
    var events: MailEnding?

    var isEarly: Bool { quirks?.contains(.early) ?? false }

    /// What stands already stays.
    mutating func add(_ later: Aftermath) {
        quirks = quirks ?? later.quirks
        ends = ends ?? later.ends
        events = events ?? later.events
    }

    /// Tells the steps in the order that the quirks make of them, evenly over a time, from its start to its end.
    func tell<Step>(_ steps: [Step], over time: Duration, _ tell: (Step) async throws -> Void) async throws {
        let arranged = arrange(steps)
        let pause = isEarly || arranged.count < 2 ? .zero : time / (arranged.count - 1)
        for (index, step) in arranged.enumerated() {
            if index > 0, pause > .zero { try await Task.sleep(for: pause) }
            try await tell(step)
        }
    }

    func arrange<Step>(_ steps: [Step]) -> [Step] {
        let quirks = quirks ?? []
        if quirks.contains(.none) { return [] }
        let ordered = quirks.contains(.reverse) ? steps.reversed() : steps
        return quirks.contains(.duplicate) ? ordered.flatMap { [$0, $0] } : ordered
    }
}

extension Aftermath {
    /// In the syntax of a directive.
    var parts: [String] {
        var parts: [String] = []
        if let quirks { parts.append("callbacks=" + quirks.map(\.rawValue).sorted().joined(separator: "+")) }
        if let ends { parts.append("ends=\(ends.status)" + (ends.code.map { ":\($0)" } ?? "")) }
        if let events { parts.append("events=\(events)") }
        return parts
    }
}

extension Set<Aftermath.Quirk> {
    /// `duplicate`, or several as in `duplicate+reverse`.
    init?(_ text: String) {
        let words = text.split(separator: "+", omittingEmptySubsequences: false)
        let quirks = words.compactMap { Element(rawValue: String($0)) }
        guard quirks.count == words.count else { return nil }
        self.init(quirks)
    }
}

extension Aftermath.Ending {
    /// `undelivered:30003` or `delivered`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let status = parts.first.flatMap({ Status(rawValue: String($0)) }) else { return nil }
        let code = parts.count == 2 ? Int(parts[1]) : nil
        if parts.count == 2 && code == nil { return nil }
        self.init(status: status, code: code)
    }
}
