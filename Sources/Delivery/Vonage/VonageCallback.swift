import FoundationEssentials
import JobRuntime
import Messaging

/// What Vonage posts: a delivery receipt for one part of a message of ours, or a message to us. As a form or as JSON,
/// whichever the account is set to. Source: Vonage, "SMS API reference", "Delivery receipts", "Inbound SMS".
enum VonageCallback {
    /// - Parameter message: our id, where the callback does not bring it back.
    static func reading(_ form: FormFields, message: JobID?) throws(CallbackError) -> CallbackReading {
        guard let id = form.filled("messageId"), id.isVendorID else { throw CallbackError("there is no messageId") }
        if let status = form.filled("status") {
            return reading(status: status, of: id, form: form, message: message)
        }
        guard let from = form.filled("msisdn"), let to = form.filled("to") else {
            throw CallbackError("there is neither a status, nor msisdn and to")
        }
        return reading(inbound: id, from: from, to: to, form: form)
    }

    /// Each part of a long message has a receipt of its own; the first that arrives speaks for the message.
    private static func reading(
        status: String, of id: String, form: FormFields, message: JobID?
    ) -> CallbackReading {
        var reading = CallbackReading()
        var news = StatusNews(
            message: form["client-ref"].flatMap { JobID($0) } ?? message, vendor: .vonage, vendorID: id, status: nil,
            at: moment(form), token: "\(id):\(status)")
        switch status {
        case "accepted": news.status = .sent
        case "buffered", "unknown": break
        case "delivered": news.status = .delivered
        // As in ``TwilioCallback``: Vonage took the message before.
        case "expired", "failed", "rejected", "undelivered": news.status = .undelivered
        default: reading.problems.append("the status is not known here")
        }
        news.code = form["err-code"].flatMap { Int($0) }.flatMap { $0 == 0 ? nil : $0 }
        if news.status == .undelivered {
            let row = news.code.flatMap { VonageReceiptCode.known[$0] }
            let fallback = status == "expired" ? "its time to live ended first" : "Vonage gives no known reason"
            news.what = row?.what ?? fallback
            news.suppress = row?.suppresses.flatMap {
                Suppression(phone: form["msisdn"].map(international), reason: $0)
            }
        }
        reading.news = [.status(news)]
        return reading
    }

    private static func reading(inbound id: String, from: String, to: String, form: FormFields) -> CallbackReading {
        var reading = CallbackReading()
        var inbound = InboundMessage(
            vendor: .vonage, id: id, from: international(from), to: international(to), body: form["text"] ?? "",
            at: moment(form))
        if let reference = form.filled("concat-ref"), let number = form["concat-part"].flatMap({ Int($0) }),
            let total = form["concat-total"].flatMap({ Int($0) }), (1...255).contains(total), (1...total) ~= number
        {
            inbound.part = .init(reference: reference, number: number, total: total)
        }
        // `keyword` is of no use: it is the first word of any message. And a part is not the whole message.
        if inbound.part == nil { inbound.keyword = OptOutKeyword(message: inbound.body) }
        if form["type"] == "binary" { reading.problems.append("a binary message has no text") }
        reading.news = inbound.news
        return reading
    }

    /// Vonage writes telephone numbers without the plus. Short codes and names stay as they are.
    private static func international(_ number: String) -> String {
        let isNumber = (7...15).contains(number.utf8.count) && PhoneNumber.fault(in: "+" + number) == nil
        return isNumber ? "+" + number : number
    }

    /// `message-timestamp`, which is UTC: `2020-01-01 12:00:00`.
    private static func moment(_ form: FormFields) -> Int64? {
        guard let text = form.filled("message-timestamp"), text.utf8.count == 19,
            let date = try? Date(text.replacing(" ", with: "T") + "Z", strategy: .iso8601)
        else { return nil }
        return Int64(date.timeIntervalSince1970 * 1000)
    }
}

extension FormFields {
    /// The members of a JSON object as fields, sorted by name. What is no text, integer or truth value is left out.
    ///
    /// - Throws: ``CallbackError`` where the text is not such an object, or is too large.
    public init(vonageJSON text: String) throws(CallbackError) {
        guard text.utf8.count <= Self.longestText else {
            throw CallbackError("the JSON is longer than \(Self.longestText) bytes")
        }
        guard let members = try? JSONDecoder().decode([String: Scalar].self, from: Data(text.utf8)) else {
            throw CallbackError("the body is not a JSON object")
        }
        guard members.count <= Self.mostFields else {
            throw CallbackError("the JSON has more than \(Self.mostFields) members")
        }
        self.init(
            members.compactMap { name, value in value.text.map { Field(name: name, value: $0) } }
                .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }

    private struct Scalar: Decodable {
        let text: String?

        init(from decoder: any Decoder) {
            let value = try? decoder.singleValueContainer()
            text =
                (try? value?.decode(String.self)) ?? (try? value?.decode(Int64.self)).map { String($0) }
                ?? (try? value?.decode(Bool.self)).map { String($0) }
        }
    }
}
