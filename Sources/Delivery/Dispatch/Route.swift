public import Messaging

/// A provider as a channel uses it.
public struct Route<Message: MessagePayload>: Sendable {
    let provider: any Provider<Message>
    /// How fast senders may send there; nil: as fast as they like.
    let rates: SenderRates?
    /// What keeps one slow destination from taking all slots of the worker; nil: there is one destination.
    private let shares: HostShares?

    public init(_ provider: any Provider<Message>, rates: SenderRates? = nil) {
        self.init(provider, rates: rates, shares: nil)
    }

    /// A provider whose messages go to many destinations, as webhooks do.
    ///
    /// - Parameter slots: how many of them the worker sends at a time.
    public init(_ provider: any Provider<Message>, sharing slots: Int) {
        self.init(provider, rates: nil, shares: HostShares(slots: slots))
    }

    private init(_ provider: any Provider<Message>, rates: SenderRates?, shares: HostShares?) {
        self.provider = provider
        self.rates = rates
        self.shares = shares
    }

    /// Takes a slot of the message's destination, which is to be given back by ``leave(_:after:)``.
    ///
    /// - Returns: nil, or how long to wait because the destination has its share.
    func enter(_ message: Message) -> Duration? {
        switch shares?.acquire(provider.destination(of: message)) {
        case .admitted, nil: nil
        case .wait(let wait): wait
        }
    }

    func leave(_ message: Message, after took: Duration) {
        shares?.release(provider.destination(of: message), took: took)
    }

    /// The names of the breakers that a message meets on its way, the wider one first.
    func breakers(of message: Message) -> [String] {
        let destination = provider.destination(of: message)
        guard destination == provider.name else { return ["\(provider.name) \(destination)"] }
        return [destination, "\(destination) \(message.from)"]
    }
}
