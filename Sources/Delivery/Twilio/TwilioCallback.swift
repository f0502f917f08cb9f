import JobRuntime
import Messaging

/// What Twilio posts: the status of a message of ours, or a message to us.
/// Source: Twilio, "Track outbound message status" and "Twilio's request to your incoming message webhook URL".
enum TwilioCallback {
    /// - Parameter message: our id, from the address that the status callback came to.
    static func reading(_ form: FormFields, message: JobID?) throws(CallbackError) -> CallbackReading {
        guard let id = form.filled("MessageSid") ?? form.filled("SmsSid"), id.isVendorID else {
            throw CallbackError("there is no MessageSid")
        }
        // Messages to us have an SmsStatus, too: `receiving` or `received`.
        if let status = form.filled("MessageStatus") ?? form.filled("SmsStatus"), !status.hasPrefix("receiv") {
            return reading(status: status, of: id, form: form, message: message)
        }
        guard let from = form.filled("From"), let to = form.filled("To") else {
            throw CallbackError("there is neither a MessageStatus, nor From and To")
        }
        return reading(inbound: id, from: from, to: to, form: form)
    }

    // MARK: - Status

    private static func reading(
        status: String, of id: String, form: FormFields, message: JobID?
    ) -> CallbackReading {
        var reading = CallbackReading()
        var news = StatusNews(message: message, vendor: .twilio, vendorID: id, status: nil, token: "\(id):\(status)")
        switch status {
        case "accepted", "scheduled", "queued", "sending": break
        case "sent", "partially_delivered": news.status = .sent
        case "delivered", "read": news.status = .delivered
        // All of them come after Twilio took the message, which is what parts `undelivered` from `failed` here: a
        // message that is `sent` could not become `failed` any more.
        case "undelivered", "failed", "canceled": news.status = .undelivered
        default: reading.problems.append("the MessageStatus is not known here")
        }
        if let text = form.filled("ErrorCode"), let code = Int(text), code != 0 {
            news.code = code
            news.token += ":\(code)"
        }
        if news.status == .undelivered {
            let row = news.code.flatMap { TwilioCode.known[$0] }
            news.what = row?.what ?? (status == "canceled" ? "canceled at Twilio" : "Twilio gives no known reason")
            if row?.meaning == .optedOut { news.suppress = Suppression(phone: form["To"], reason: .optedOut) }
        }
        reading.news = [.status(news)]
        return reading
    }

    // MARK: - Messages to us

    /// Twilio takes ten in one message.
    private static let mostMedia = 10

    private static func reading(inbound id: String, from: String, to: String, form: FormFields) -> CallbackReading {
        var reading = CallbackReading()
        var inbound = InboundMessage(vendor: .twilio, id: id, from: from, to: to, body: form["Body"] ?? "")
        // Advanced Opt-Out has words of its own and says what they mean.
        inbound.keyword =
            form.filled("OptOutType").flatMap { OptOutKeyword(rawValue: $0.lowercased()) }
            ?? OptOutKeyword(message: inbound.body)
        let count = Int(form["NumMedia"] ?? "0") ?? 0
        for index in 0..<min(max(count, 0), mostMedia) {
            guard let url = form["MediaUrl\(index)"], WebAddress.fault(in: url) == nil else {
                reading.problems.append("MediaUrl\(index) is not a web address")
                continue
            }
            inbound.media.append(.init(url: url, type: form.filled("MediaContentType\(index)")))
        }
        if count > mostMedia { reading.problems.append("there are more than \(mostMedia) media") }
        reading.news = inbound.news
        return reading
    }
}
