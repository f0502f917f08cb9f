import JobRuntime
import Messaging

extension SendRequest {
    /// What the request asks for, or nil if anything is wrong with it; everything that is gets reported.
    ///
    /// - Parameter now: Unix milliseconds.
    func submission(now: Int64, reportingTo faults: inout Faults) -> Submission? {
        checkMetadata(&faults)
        checkTimes(now: now, &faults)
        check(statusCallback, .statusCallback, WebAddress.fault, &faults)
        let from = required(from, .from, &faults)
        let to = required(to, .to, &faults)
        let body = required(body, .body, &faults)
        guard let channel = required(channel, .type, &faults) else { return nil }
        checkEnds(of: channel, &faults)
        checkBody(of: channel, &faults)
        checkMailParts(of: channel, &faults)
        let attachments = attachments(of: channel, &faults)
        guard faults.isEmpty, let from, let to, let body else { return nil }
        let message: Message =
            switch channel {
            case .sms: .sms(withOptions(SMS(from: from, to: to, body: body, metadata: metadata)))
            case .mms:
                .mms(
                    withOptions(
                        MMS(from: from, to: to, body: body, attachments: attachments.addresses, metadata: metadata)))
            case .email:
                .email(
                    withOptions(
                        Email(
                            from: from, to: to, subject: subject ?? "", body: body, html: html,
                            attachments: attachments.files.isEmpty ? nil : attachments.files, metadata: metadata)))
            case .webhook: .webhook(withOptions(Webhook(from: from, to: to, body: body, metadata: metadata)))
            }
        return Submission(message: message, lane: priority ?? .normal, sendAt: sendAt, expiresAt: expiresAt)
    }

    private func withOptions<Payload: MessagePayload>(_ payload: Payload) -> Payload {
        var payload = payload
        payload.statusCallback = statusCallback
        payload.onAmbiguous = onAmbiguous
        return payload
    }

    /// The channel it goes by: an sms with attachments is an mms.
    private var channel: Channel? {
        type == .sms && attachments?.isEmpty == false ? .mms : type
    }

    /// A value that must be there. Where the member was there but faulty, that has been told already.
    private func required<Value>(_ value: Value?, _ field: Field, _ faults: inout Faults) -> Value? {
        if value == nil, !faults.concern(field.rawValue) {
            faults.add("is required", at: field.rawValue)
        }
        return value
    }

    private func checkEnds(of channel: Channel, _ faults: inout Faults) {
        switch channel {
        case .sms, .mms:
            check(from, .from, TextSender.fault, &faults)
            check(to, .to, PhoneNumber.fault, &faults)
        case .email:
            check(from, .from, EmailAddress.fault, &faults)
            check(to, .to, EmailAddress.fault, &faults)
        case .webhook:
            check(from, .from, Self.faultInWebhookSender, &faults)
            check(to, .to, WebAddress.fault, &faults)
        }
    }

    private func check(_ text: String?, _ field: Field, _ fault: (String) -> String?, _ faults: inout Faults) {
        if let text, let detail = fault(text) {
            faults.add(detail, at: field.rawValue)
        }
    }

    private static func faultInWebhookSender(_ text: String) -> String? {
        if text.isEmpty { return "must not be empty" }
        if MessageLimits.exceeds(text, MessageLimits.webhookSender) {
            return "must have at most \(MessageLimits.webhookSender) characters"
        }
        return hasControlCharacter(text) ? "must not contain line breaks or other control characters" : nil
    }

    private func checkBody(of channel: Channel, _ faults: inout Faults) {
        guard let body else { return }
        if body.isEmpty, channel != .mms {
            faults.add("must not be empty (only an mms may have no text)", at: Field.body.rawValue)
        }
        let limit = channel == .sms || channel == .mms ? MessageLimits.textBody : MessageLimits.longBody
        if MessageLimits.exceeds(body, limit) {
            faults.add("must have at most \(limit) characters", at: Field.body.rawValue)
        }
    }

    /// Subject and HTML are an email's alone.
    private func checkMailParts(of channel: Channel, _ faults: inout Faults) {
        guard channel == .email else {
            if subject != nil { faults.add("must be absent: only an email has a subject", at: Field.subject.rawValue) }
            if html != nil { faults.add("must be absent: only an email has an HTML part", at: Field.html.rawValue) }
            return
        }
        if let html, MessageLimits.exceeds(html, MessageLimits.longBody) {
            faults.add("must have at most \(MessageLimits.longBody) characters", at: Field.html.rawValue)
        }
        guard let subject = required(subject, .subject, &faults) else { return }
        if subject.isEmpty { faults.add("must not be empty", at: Field.subject.rawValue) }
        if MessageLimits.exceeds(subject, MessageLimits.subject) {
            faults.add("must have at most \(MessageLimits.subject) characters", at: Field.subject.rawValue)
        }
        if Self.hasControlCharacter(subject) {
            faults.add("must not contain line breaks or other control characters", at: Field.subject.rawValue)
        }
    }

    private func checkMetadata(_ faults: inout Faults) {
        guard let metadata else { return }
        let path = Field.metadata.rawValue
        if metadata.count > MessageLimits.metadataMembers {
            faults.add("must have at most \(MessageLimits.metadataMembers) members", at: path)
            return
        }
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            if name.isEmpty || MessageLimits.exceeds(name, MessageLimits.metadataName) {
                faults.add("must have a name of 1 to \(MessageLimits.metadataName) characters", at: path, name)
            }
            if MessageLimits.exceeds(value, MessageLimits.metadataValue) {
                faults.add("must have at most \(MessageLimits.metadataValue) characters", at: path, name)
            }
        }
    }

    /// `send_at` and `expires_at` are about the future, in this order, and not too far in it.
    private func checkTimes(now: Int64, _ faults: inout Faults) {
        let (latestStart, longestLife) = (MessageLimits.startDays, MessageLimits.lifeDays)
        if let sendAt, sendAt <= now {
            faults.add("must be in the future", at: Field.sendAt.rawValue)
        } else if let sendAt, sendAt - now > latestStart * MessageLimits.day {
            faults.add("must be within \(latestStart) days", at: Field.sendAt.rawValue)
        }
        guard let expiresAt else { return }
        if expiresAt <= now {
            faults.add("must be in the future", at: Field.expiresAt.rawValue)
        } else if let sendAt, expiresAt <= sendAt {
            faults.add("must be after send_at", at: Field.expiresAt.rawValue)
        } else if expiresAt - max(sendAt ?? now, now) > longestLife * MessageLimits.day {
            faults.add(
                "must be within \(longestLife) days after send_at, or without one from now",
                at: Field.expiresAt.rawValue)
        }
    }

    /// C0, DEL, C1 and the two Unicode line breaks.
    static func hasControlCharacter(_ text: String) -> Bool {
        text.unicodeScalars.contains { character in
            character.value < 0x20 || (0x7F...0x9F).contains(character.value)
                || (0x2028...0x2029).contains(character.value)
        }
    }
}
