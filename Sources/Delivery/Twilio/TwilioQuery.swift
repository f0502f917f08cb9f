import FoundationEssentials
import JobRuntime
import Messaging
import NIOCore
import NIOFoundationCompat

/// The question whether Twilio has taken a message: its list of messages to the recipient, of which those since a moment
/// and with the same sender, text and media are meant. (Its filter by date goes by when a message was sent, which one that
/// is queued was not yet.) Source: Twilio, "Messages resource", "Read multiple Message resources".
struct TwilioQuery: Sendable {
    /// Unix milliseconds; earlier messages are others.
    private let since: Int64
    private let from: String
    private let to: String
    private let body: String
    private let media: Int

    private static let page = 200
    /// A message of the list takes a kilobyte and its text.
    static let longestAnswer = 2 << 20

    init(_ message: some TwilioMessage, since: Int64) {
        (from, to, body, media) = (message.from, message.to, message.body, message.media.count)
        self.since = since
    }

    var text: String {
        var query = ByteBuffer()
        query.writeFormField("To", to)
        // The sender of a Messaging Service is one of its numbers, known only later.
        if !TextSender.isMessagingService(from) { query.writeFormField("From", from) }
        query.writeFormField("PageSize", "\(Self.page)")
        return String(buffer: query)
    }

    func finding(in exchange: Exchange) -> Finding {
        guard case .answered(let answer) = exchange else {
            if case .failed(let failure) = exchange { return .unavailable(fault("did not answer: \(failure.reason)")) }
            return .unknowable
        }
        guard answer.status == 200 else { return .unavailable(fault("answered HTTP \(answer.status)")) }
        guard let list = try? JSONDecoder().decode(List.self, from: answer.body) else {
            return .unavailable(fault("answered with something that is no list of messages"))
        }
        let times = list.messages.map(\.created)
        if list.messages.count == Self.page, let oldest = times.last ?? nil, oldest >= since {
            return .unavailable(fault("has more messages to this recipient than one page holds"))
        }
        let receipts = list.messages.filter(isThis).map { message in
            var receipt = Receipt(
                provider: "twilio", id: message.sid, segments: message.segments.flatMap { Int($0) })
            receipt.at = message.created
            return receipt
        }
        return .found(receipts.reversed())
    }

    private func isThis(_ message: Item) -> Bool {
        guard let created = message.created, created >= since, message.to == to,
            (message.from == from || message.service == from), Int(message.media ?? "0") == media
        else { return false }
        return trimmed(message.body ?? "") == trimmed(body)
    }

    private func trimmed(_ text: String) -> Substring {
        let end = text.lastIndex { !$0.isWhitespace }
        return text[..<(end.map { text.index(after: $0) } ?? text.startIndex)].drop { $0.isWhitespace }
    }

    private func fault(_ what: String) -> Fault {
        Fault(provider: "twilio", what: "the list of messages \(what)", remedy: "It is asked again.")
    }

    /// Newest first.
    private struct List: Decodable {
        let messages: [Item]
    }

    private struct Item: Decodable {
        let sid: String
        let to: String?
        let from: String?
        let service: String?
        let body: String?
        let media: String?
        let segments: String?
        let date: String?

        private enum CodingKeys: String, CodingKey {
            case sid, to, from, body
            case service = "messaging_service_sid"
            case media = "num_media"
            case segments = "num_segments"
            case date = "date_created"
        }

        /// Unix milliseconds.
        var created: Int64? {
            date.flatMap { HTTPDate.parse($0.replacing("+0000", with: "GMT"), now: .unixMilliseconds / 1000) }
                .map { $0 * 1000 }
        }
    }
}
