/// A status other than 0 in Vonage's answer to a POST, and what follows from it. Sources: Vonage, "SMS API errors" and
/// "Troubleshooting SMS"; for 13, 16, 19, 20, 34 and 101, which these no longer list, Nexmo's former "Response codes".
///
/// 17, 18, 21 and 24 to 28 are documented nowhere, and are in doubt like any other unknown status.
struct VonageCode: Sendable {
    enum Meaning: Sendable {
        /// This recipient cannot be reached by this message, ever.
        case recipient
        /// The recipient does not want messages of this sender.
        case optedOut
        /// This content, or what stands beside it in the request, cannot be sent, ever.
        case content
        /// The account, the sender or a setting is wrong: the same for every message until a person acts.
        case configuration
        /// Too much at once; not sent.
        case throttled
        /// It may have been sent.
        case ambiguous
        /// Not sent, for a reason that may pass.
        case soft
    }

    let code: Int
    let meaning: Meaning
    /// Of a configuration: as in ``Fault/scope``.
    let scope: Fault.Scope
    /// As in ``Fault/what`` and ``Fault/remedy``.
    let what: String
    let remedy: String

    private init(
        _ code: Int, _ meaning: Meaning, _ what: String, _ remedy: String, scope: Fault.Scope = .provider
    ) {
        self.code = code
        self.meaning = meaning
        self.scope = scope
        self.what = what
        self.remedy = remedy
    }

    static let known = Dictionary(uniqueKeysWithValues: table.map { ($0.code, $0) })

    static let table = recipient + content + configuration + later

    private static let recipient = [
        VonageCode(
            6, .recipient, "the message cannot be processed, as with an unknown prefix of the number", correctRecipient),
        VonageCode(7, .recipient, "the recipient's number is barred", "Do not send to it again."),
        VonageCode(33, .recipient, "the recipient's number is no longer active", "Do not send to it again."),
        VonageCode(34, .recipient, "the recipient is not a valid phone number", correctRecipient),
        VonageCode(101, .optedOut, "the recipient has opted out", "Do not send until it opts in again."),
    ]

    private static let content = [
        VonageCode(2, .content, "a parameter is missing", "Send a body, a sender and a recipient."),
        VonageCode(3, .content, "a parameter is invalid", "Check the sender and the recipient."),
        VonageCode(12, .content, "the text is too long", "Shorten it."),
        VonageCode(16, .content, "the time to live is invalid", "Send it with another expiry, or none."),
        VonageCode(20, .content, "the message class is invalid", "Report this as a defect: none was given."),
        VonageCode(22, .content, "the network code is invalid", "Report this as a defect: none was given."),
    ]

    private static let configuration = [
        VonageCode(
            4, .configuration, "the account's credentials were refused", "Check the API key and the API secret."),
        VonageCode(8, .configuration, "the account is suspended", "Settle it with Vonage."),
        VonageCode(9, .configuration, "the account has not enough credit", "Top it up."),
        VonageCode(
            11, .configuration, "the account may not use the SMS API", "Ask Vonage to enable HTTP for the account."),
        VonageCode(
            14, .configuration, "the request's signature was refused",
            "Allow requests with the API secret in Vonage's settings; requests are not signed."),
        VonageCode(
            15, .configuration, "the sender is not allowed for this destination",
            "Use a number of this account; names are not allowed everywhere.", scope: .message),
        VonageCode(19, .configuration, "the account may not use this facility", "Ask Vonage to enable it."),
        VonageCode(
            23, .configuration, "the address for delivery receipts was refused",
            "Use a shorter public URL of this service."),
        VonageCode(
            29, .configuration, "the account is in demo mode and the recipient is not on its list",
            "Top up the account, or put the number on the list of test numbers.", scope: .message),
        VonageCode(
            32, .configuration, "the account wants requests signed",
            "Allow requests with the API secret in Vonage's settings."),
    ]

    private static let later = [
        VonageCode(1, .throttled, "the account sends faster than it may", slowDown),
        // Vonage's remedy is to back off and retry.
        VonageCode(10, .throttled, "the account has too many connections at once", slowDown),
        // "An error has occurred in the platform whilst processing this message" does not say that nothing was sent,
        // as 13 does.
        VonageCode(
            5, .ambiguous, "Vonage failed while handling the message",
            "It may have been sent: look it up at Vonage before sending it again."),
        VonageCode(13, .soft, "Vonage could not pass the message on", "It is tried again."),
    ]

    private static let correctRecipient = "Correct the recipient's number."
    private static let slowDown = "It is tried again later; if this goes on, send slower or ask for a higher limit."
}
