public import Messaging

/// A provider as a channel uses it.
public struct Route<Message: MessagePayload>: Sendable {
    let provider: any Provider<Message>
    /// How fast senders may send there; nil: as fast as they like.
    let rates: SenderRates?

    public init(_ provider: any Provider<Message>, rates: SenderRates? = nil) {
        self.provider = provider
        self.rates = rates
    }

    /// The names of the breakers that a message meets on its way, the wider one first.
    func breakers(of message: Message) -> [String] {
        let destination = provider.destination(of: message)
        guard destination == provider.name else { return ["\(provider.name) \(destination)"] }
        return [destination, "\(destination) \(message.from)"]
    }
}
