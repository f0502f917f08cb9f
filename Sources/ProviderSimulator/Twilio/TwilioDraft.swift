import Foundation

/// The parameters of a message to be created, and what Twilio would say against them.
struct TwilioDraft: Sendable {
    let to: String?
    let from: String?
    let service: String?
    let body: String
    let media: [String]
    let callback: String?
    let validityPeriod: String?
    let scheduleType: String?
    let sendAt: String?

    init(_ form: Form) {
        // A Messaging Service may also be named in From.
        let sender = form["From"]
        let senderIsService = sender.map { TwilioCredentials.isSid($0, "MG") } ?? false
        to = form["To"]
        from = senderIsService ? nil : sender
        service = form["MessagingServiceSid"] ?? (senderIsService ? sender : nil)
        body = form["Body"] ?? ""
        media = form.all("MediaUrl")
        callback = form["StatusCallback"]
        validityPeriod = form["ValidityPeriod"]
        scheduleType = form["ScheduleType"]
        sendAt = form["SendAt"]
    }

    var arrival: Arrival {
        Arrival(provider: .twilio, to: to ?? "", from: from ?? service, body: body, media: media)
    }

    var isScheduled: Bool { scheduleType != nil }

    /// The first thing wrong; nil if Twilio would take it.
    func error(at now: Date) -> TwilioError? {
        addressError ?? contentError ?? optionError(at: now) ?? magicError
    }

    private var addressError: TwilioError? {
        guard let to else { return .missingTo }
        guard from != nil || service != nil else { return .missingSender }
        guard Self.isPhoneNumber(to) else { return .invalidTo(to) }
        if let service, !TwilioCredentials.isSid(service, "MG") { return .invalidService }
        guard let from else { return nil }
        guard Self.isSender(from) else { return .invalidFrom(from) }
        return from == to ? .sameNumber : nil
    }

    private var contentError: TwilioError? {
        if body.isEmpty && media.isEmpty { return .missingContent }
        if body.unicodeScalars.count > 1600 { return .bodyTooLong }
        if media.count > 10 { return .tooManyMedia }
        return media.allSatisfy(\.isWebURL) ? nil : .invalidMedia
    }

    private func optionError(at now: Date) -> TwilioError? {
        if let callback, !callback.isWebURL { return .invalidCallback(callback) }
        if let validityPeriod {
            guard let seconds = Int(validityPeriod), (1...36_000).contains(seconds) else { return .invalidValidity }
        }
        guard let scheduleType else { return nil }
        guard scheduleType == "fixed" else { return .scheduleType }
        guard let sendAt else { return .scheduleNeedsTime }
        guard service != nil else { return .scheduleNeedsService }
        guard let date = try? Date(sendAt, strategy: .iso8601),
            (900...3_024_000).contains(date.timeIntervalSince(now))
        else { return .scheduleTime }
        return nil
    }

    /// Source: https://www.twilio.com/docs/iam/test-credentials#test-sms-messages-parameters-From
    private var magicError: TwilioError? {
        let to = to ?? ""
        let from = from ?? ""
        switch from {
        case "+15005550001": return .invalidFrom(from)
        case "+15005550007":
            return TwilioError(
                code: 21606,
                message: "The From phone number \(from) is not a valid, SMS-capable inbound phone number or short "
                    + "code for your account.")
        case "+15005550008":
            return TwilioError(code: 21611, message: "SMS queue is full.")
        default: break
        }
        switch to {
        case "+15005550001": return .invalidTo(to)
        case "+15005550002":
            return TwilioError(
                code: 21612, message: "The 'To' phone number: \(to), is not currently reachable via SMS.")
        case "+15005550003":
            return TwilioError(
                code: 21408,
                message: "Permission to send an SMS has not been enabled for the region indicated by the 'To' "
                    + "number: \(to)")
        case "+15005550004":
            return .optedOut
        case "+15005550009":
            return TwilioError(code: 21614, message: "'To' number is not a valid mobile number")
        default: return nil
        }
    }
}

extension TwilioDraft {
    /// E.164: `^\+[1-9]\d{1,14}$`
    static func isPhoneNumber(_ text: String) -> Bool {
        var bytes = text.utf8.makeIterator()
        guard bytes.next() == UInt8(ascii: "+"), let first = bytes.next() else { return false }
        return (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first) && (3...16).contains(text.utf8.count)
            && IteratorSequence(bytes).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A phone number, a short code of 3 to 8 digits, or an alphanumeric sender of up to 11 characters.
    static func isSender(_ text: String) -> Bool {
        if isPhoneNumber(text) { return true }
        if text.allSatisfy({ $0.isASCII && $0.isNumber }) { return (3...8).contains(text.count) }
        return text.count <= 11 && text.contains { $0.isLetter }
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || " +-_&".contains($0)) }
    }
}
