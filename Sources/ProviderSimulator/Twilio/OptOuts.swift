import Synchronization

/// Who does not want messages from whom, as Twilio's default handling of keywords keeps it.
/// Source: https://help.twilio.com/articles/223134027
final class OptOuts: Sendable {
    private struct Pair: Hashable {
        var sender: String
        var recipient: String
    }

    enum Keyword: Sendable {
        case stop, start

        /// nil: the text is not a keyword alone.
        init?(_ text: String) {
            switch text.split(whereSeparator: \.isWhitespace).joined(separator: " ").uppercased() {
            case "STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL": self = .stop
            case "START", "UNSTOP": self = .start
            default: return nil
            }
        }
    }

    private let pairs = Mutex<Set<Pair>>([])

    /// - Parameters:
    ///   - sender: a number or a Messaging Service.
    ///   - recipient: whose keyword it was.
    func apply(_ keyword: Keyword, to sender: String, by recipient: String) {
        let pair = Pair(sender: sender, recipient: recipient)
        pairs.withLock { pairs in
            switch keyword {
            case .stop: pairs.insert(pair)
            case .start: pairs.remove(pair)
            }
        }
    }

    /// Whether a message may not be sent.
    func forbid(_ draft: TwilioDraft) -> Bool {
        guard pairs.withLock({ !$0.isEmpty }) else { return false }
        let senders = [draft.from, draft.service, draft.service.map(SenderPool.number)].compactMap(\.self)
        let recipient = draft.to ?? ""
        return pairs.withLock { pairs in
            senders.contains { pairs.contains(Pair(sender: $0, recipient: recipient)) }
        }
    }
}
