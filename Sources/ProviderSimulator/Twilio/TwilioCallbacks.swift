import Foundation

/// Status callbacks: to a message's `StatusCallback`, one for each status.
/// Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
struct TwilioCallbacks: Sendable {
    let signer: TwilioSigner
    let callbacks: CallbackService
    let deliversAfter: Duration

    /// - Parameter isCanceled: asked before each callback; a canceled message has none but ``tellCanceled(_:)``.
    /// - Returns: nil if nobody is to be told.
    func work(
        for message: TwilioMessage, _ aftermath: Aftermath, isCanceled: @escaping @Sendable () -> Bool
    ) -> CallbackService.Work? {
        guard let url = message.callback else { return nil }
        // Made beforehand: a callback that is told twice is the same twice.
        let told = message.lifecycle.steps.map { callback(to: url, message, $0) }
        return {
            try await aftermath.tell(told, over: deliversAfter) { callback in
                if !isCanceled() { try await callbacks.post(callback) }
            }
        }
    }

    func tellCanceled(_ message: TwilioMessage) {
        guard let url = message.callback else { return }
        let canceled = callback(to: url, message, TwilioLifecycle.Step(status: "canceled"))
        callbacks.start { try await callbacks.post(canceled) }
    }

    private func callback(to url: String, _ message: TwilioMessage, _ step: TwilioLifecycle.Step) -> Callback {
        var fields = [
            FormField("AccountSid", message.account), FormField("ApiVersion", "2010-04-01"),
            FormField("MessageSid", message.sid), FormField("MessageStatus", step.status),
            FormField("SmsSid", message.sid), FormField("SmsStatus", step.status), FormField("To", message.to),
            // "Twilio may add properties at any time": whoever checks a signature must have all of them.
            FormField("SimulatedNews", "Grüße & +1=2, 東京"),
        ]
        if let service = message.service { fields.append(FormField("MessagingServiceSid", service)) }
        let isSent = ["sent", "delivered", "undelivered"].contains(step.status)
        if let from = message.sender ?? (isSent ? message.service.map(SenderPool.number) : nil) {
            fields.append(FormField("From", from))
        }
        if let code = step.errorCode { fields.append(FormField("ErrorCode", String(code))) }
        return signer.callback(to: url, fields, account: message.account)
    }
}

extension TwilioSigner {
    /// A signed POST of Twilio's. Its idempotency token is the same however often it is tried.
    func callback(to url: String, _ fields: [FormField], account: String) -> Callback {
        Callback(
            provider: .twilio, url: url,
            headers: [
                "User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "I-Twilio-Idempotency-Token": UUID().uuidString,
                "X-Twilio-Signature": signature(url: url, fields: fields, account: account),
            ], content: .form(fields))
    }
}
