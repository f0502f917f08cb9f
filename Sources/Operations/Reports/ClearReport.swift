public import JobRuntime

/// What became of dead letters that were to be redriven or dropped.
public struct ClearReport: Encodable, CustomStringConvertible {
    private let queue: String
    private let verb: String
    public let tally: DeadLetters.Tally

    /// - Parameter verb: `redriven` or `dropped`.
    public init(_ queue: String, _ verb: String, _ tally: DeadLetters.Tally) {
        self.queue = queue
        self.verb = verb
        self.tally = tally
    }

    public var description: String {
        if tally.matched == 0 { return "\(queue): no dead letter matches" }
        var text = "\(queue): \(tally.done) of \(tally.matched) \(verb)"
        if tally.held > 0 { text += "; \(tally.held) left because they may have been sent (--include-unknown)" }
        if tally.notRedrivable > 0 { text += "; \(tally.notRedrivable) left because too little is left of them" }
        if tally.gone > 0 { text += "; \(tally.gone) gone meanwhile" }
        return text
    }

    /// The tally, with the queue.
    public func encode(to encoder: any Encoder) throws {
        try tally.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(queue, forKey: .queue)
    }

    private enum CodingKeys: String, CodingKey { case queue }
}
