import JobRuntime

/// What the providers of one attempt said, none of whom took the message, and what follows from it. Pure.
struct Course: Sendable {
    /// Another try may succeed.
    private var failures: [Fault] = []
    private var after: Duration?
    /// Not tried, or only to be told to wait, with the wait.
    private var waits: [(reason: String, wait: Duration)] = []
    /// Not tried, because they could not deliver in time.
    private var late: [String] = []

    mutating func failed(_ fault: Fault, after: Duration?) {
        failures.append(fault)
        self.after = [self.after, after].compactMap(\.self).max()
    }

    mutating func mustWait(_ wait: Duration, _ reason: String) { waits.append((reason, wait)) }

    mutating func isTooLate(_ reason: String) { late.append(reason) }

    /// A failed try spends the attempt. Where nobody was tried the message is put off until the first is free again.
    ///
    /// - Parameter random: 0 up to 1. A tenth of the wait is added by chance, so that what waits for one moment does
    ///   not come at one moment.
    func outcome(random: Double) -> Outcome {
        let reasons = waits.map(\.reason) + late
        if !failures.isEmpty {
            return .retry(
                error: (failures.map(\.description) + reasons).joined(separator: " | "), after: after, memo: "")
        }
        let reason = reasons.joined(separator: " | ")
        guard let wait = waits.map(\.wait).min() else { return .expired(error: reason) }
        return .snooze(for: wait * (1 + random / 10), reason: reason, memo: "")
    }
}
