/// Which of the received requests are asked for. What is nil lets everything through.
public struct ReceivedFilter: Sendable {
    public var provider: Provider?
    public var outcome: ReceivedMessage.Outcome?
    /// The whole recipient.
    public var to: String?
    public var id: String?
    /// A part of the subject, the body or the html.
    public var contains: String?

    public init(
        provider: Provider? = nil, outcome: ReceivedMessage.Outcome? = nil, to: String? = nil, id: String? = nil,
        contains: String? = nil
    ) {
        self.provider = provider
        self.outcome = outcome
        self.to = to
        self.id = id
        self.contains = contains
    }

    func matches(_ message: ReceivedMessage) -> Bool {
        if let provider, message.provider != provider { return false }
        if let outcome, message.outcome != outcome { return false }
        if let to, message.to != to { return false }
        if let id, message.id != id { return false }
        guard let contains, !contains.isEmpty else { return true }
        return message.body.contains(contains) || message.subject?.contains(contains) ?? false
            || message.html?.contains(contains) ?? false
    }
}
