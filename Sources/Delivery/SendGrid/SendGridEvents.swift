import FoundationEssentials
import JobRuntime
import Messaging

/// What SendGrid's Event Webhook posts: an array of events. Source: SendGrid, "Event Webhook Reference".
enum SendGridEvents {
    /// SendGrid gathers 768 kB at most.
    static let longestBody = 2_097_152
    private static let mostEvents = 20_000

    /// Each event by itself: one that cannot be read is a problem, and the others are news.
    ///
    /// - Parameter message: our id where an event does not bring it back.
    static func reading(_ body: String, message: JobID?) throws(CallbackError) -> CallbackReading {
        guard body.utf8.count <= longestBody else {
            throw CallbackError("the events are longer than \(longestBody) bytes")
        }
        guard let events = try? JSONDecoder().decode(Events.self, from: Data(body.utf8)).events else {
            throw CallbackError("the body is not a JSON array of up to \(mostEvents) events")
        }
        var reading = CallbackReading()
        var seen: Set<String> = []
        for (position, event) in events.enumerated() {
            guard let event else {
                reading.problems.append("element \(position) has no event, sg_event_id or sg_message_id")
                continue
            }
            guard seen.insert(event.id).inserted else { continue }
            if let news = event.news(message: message) {
                reading.news.append(news)
            } else {
                reading.problems.append("element \(position) is of a kind that is not known here, or has no address")
            }
        }
        return reading
    }

    private struct Events: Decodable {
        var events: [SendGridEvent?] = []

        init(from decoder: any Decoder) throws {
            var elements = try decoder.unkeyedContainer()
            guard let count = elements.count, count <= mostEvents else {
                throw DecodingError.dataCorruptedError(in: elements, debugDescription: "too many")
            }
            while !elements.isAtEnd { events.append(try elements.decode(Element.self).event) }
        }
    }

    /// Never fails to decode, so that one element does not take the others with it.
    private struct Element: Decodable {
        let event: SendGridEvent?

        init(from decoder: any Decoder) { event = try? SendGridEvent(from: decoder) }
    }
}

/// One event. The custom arguments of the mail stand beside SendGrid's own members.
private struct SendGridEvent: Decodable {
    let event: String
    let id: String
    let messageID: String
    let message: JobID?
    let email: String?
    let timestamp: Int64?
    let type: String?
    let status: String?
    let reason: String?

    enum CodingKeys: String, CodingKey {
        case event, email, timestamp, type, status, reason
        case id = "sg_event_id"
        case messageID = "sg_message_id"
        case message = "message_id"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) -> String? { try? members.decode(String.self, forKey: key) }

        event = try members.decode(String.self, forKey: .event)
        id = try members.decode(String.self, forKey: .id)
        // What comes before the first full stop is the id of the answer to the POST.
        messageID = String(try members.decode(String.self, forKey: .messageID).prefix { $0 != "." })
        guard id.isVendorID, messageID.isVendorID else {
            throw DecodingError.dataCorruptedError(forKey: .id, in: members, debugDescription: "no id")
        }
        message = try? members.decode(JobID.self, forKey: .message)
        timestamp = try? members.decode(Int64.self, forKey: .timestamp)
        email = text(.email)
        type = text(.type)
        status = text(.status)
        reason = text(.reason)
    }

    /// Nil for a kind that is not known, and for a change of consent without an address.
    func news(message: JobID?) -> ProviderNews? {
        switch event {
        case "processed", "deferred": status(nil, message)
        case "delivered", "open", "click": status(.delivered, message)
        case "bounce" where type == "bounce":
            status(.undelivered, message, what: "the recipient's server bounced the mail\(code)", suppress: .hardBounce)
        case "bounce":
            // `blocked`: the server would not take this mail now. The address is good.
            status(.undelivered, message, what: "the recipient's server blocked the mail\(code)")
        case "dropped":
            status(
                .undelivered, message, what: "SendGrid dropped the mail without sending it",
                suppress: isDroppedForAnotherReason ? nil : .dropped)
        case "spamreport": status(.delivered, message, suppress: .spamReport)
        case "unsubscribe", "group_unsubscribe":
            Suppression(email: email, reason: .unsubscribed).map { consent(.suppress($0), message) }
        case "group_resubscribe":
            Suppression(email: email, reason: .unsubscribed).map {
                consent(.allow(address: $0.address, kind: .email), message)
            }
        default: nil
        }
    }

    private func status(
        _ status: MessageStatus?, _ message: JobID?, what: String? = nil, suppress: Suppression.Reason? = nil
    ) -> ProviderNews {
        .status(
            StatusNews(
                message: self.message ?? message, vendor: .sendgrid, vendorID: messageID, status: status, what: what,
                at: at, token: id, suppress: suppress.flatMap { Suppression(email: email, reason: $0) }))
    }

    private func consent(_ change: ConsentNews.Change, _ message: JobID?) -> ProviderNews {
        .consent(
            ConsentNews(change: change, message: self.message ?? message, vendor: .sendgrid, at: at, token: id))
    }

    private var at: Int64? {
        timestamp.flatMap { RFC3339.range.contains(milliseconds($0)) ? milliseconds($0) : nil }
    }

    private func milliseconds(_ seconds: Int64) -> Int64 {
        seconds.multipliedReportingOverflow(by: 1000).overflow ? .max : seconds * 1000
    }

    /// The enhanced status code of RFC 3463, ` (5.1.1)`, where it is one.
    private var code: String {
        guard let status, status.utf8.count <= 9, status.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2,
            status.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
        else { return "" }
        return " (\(status))"
    }

    /// Mail is also dropped for what is no fault of the address.
    private var isDroppedForAnotherReason: Bool {
        guard let reason = reason?.lowercased() else { return false }
        return ["smtpapi", "spam content", "package quota"].contains { reason.contains($0) }
    }
}
