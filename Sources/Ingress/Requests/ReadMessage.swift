import Messaging

/// A message of a request as it was read.
enum ReadMessage {
    case valid(Submission)
    /// Its times have passed: it may have been right when it was sent first, which its idempotency key tells.
    case late(Submission, Problem)
    case invalid(Problem)
}

extension JSONScanner {
    /// Reads one message, which begins here, to its end whatever is wrong with it.
    ///
    /// - Parameters:
    ///   - base: where it lies in its document.
    ///   - now: Unix milliseconds.
    ///   - limit: how many faults are listed.
    mutating func message(
        base: String = "", now: Int64, limit: Int = Faults.limit
    ) throws(JSONSyntaxError) -> ReadMessage {
        var faults = Faults(base: base, limit: limit)
        let request = try SendRequest(&self, reportingTo: &faults)
        // A document that is no object at all has that one fault, not that of missing members as well.
        guard !faults.concern() else { return .invalid(.invalid(faults)) }
        let isWellFormed = faults.isEmpty
        if let submission = request.submission(now: now, reportingTo: &faults) { return .valid(submission) }
        var others = Faults()
        // As it was just before the first of its times.
        if isWellFormed, let first = [request.sendAt, request.expiresAt].compactMap(\.self).min(), first <= now,
            let submission = request.submission(now: first - 1, reportingTo: &others)
        {
            return .late(submission, .invalid(faults))
        }
        return .invalid(.invalid(faults))
    }
}
