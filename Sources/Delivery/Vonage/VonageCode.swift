/// The statuses other than 0 in Vonage's answer to a POST, and what follows from them. Sources: Vonage, "SMS API errors" and
/// "Troubleshooting SMS"; for 13, 16, 19, 20, 34 and 101, which these no longer list, Nexmo's former "Response codes".
///
/// 17, 18, 21 and 24 to 28 are documented nowhere, and are in doubt like any other unknown status.
enum VonageCode {
    static let known = Dictionary(uniqueKeysWithValues: table.map { ($0.code, $0) })

    static let table = recipient + content + configuration + later

    private static let recipient = [
        VendorCode(
            6, .recipient, "the message cannot be processed, as with an unknown prefix of the number", correctRecipient),
        VendorCode(7, .recipient, "the recipient's number is barred", "Do not send to it again."),
        VendorCode(33, .recipient, "the recipient's number is no longer active", "Do not send to it again."),
        VendorCode(34, .recipient, "the recipient is not a valid phone number", correctRecipient),
        VendorCode(101, .optedOut, "the recipient has opted out", "Do not send until it opts in again."),
    ]

    private static let content = [
        VendorCode(2, .content, "a parameter is missing", "Send a body, a sender and a recipient."),
        VendorCode(3, .content, "a parameter is invalid", "Check the sender and the recipient."),
        VendorCode(12, .content, "the text is too long", "Shorten it."),
        VendorCode(16, .content, "the time to live is invalid", "Send it with another expiry, or none."),
        VendorCode(20, .content, "the message class is invalid", "Report this as a defect: none was given."),
        VendorCode(22, .content, "the network code is invalid", "Report this as a defect: none was given."),
    ]

    private static let configuration = [
        VendorCode(
            4, .configuration, "the account's credentials were refused", "Check the API key and the API secret."),
        VendorCode(8, .configuration, "the account is suspended", "Settle it with Vonage."),
        VendorCode(9, .configuration, "the account has not enough credit", "Top it up."),
        VendorCode(
            11, .configuration, "the account may not use the SMS API", "Ask Vonage to enable HTTP for the account."),
        VendorCode(
            14, .configuration, "the request's signature was refused",
            "Allow requests with the API secret in Vonage's settings; requests are not signed."),
        VendorCode(
            15, .configuration, "the sender is not allowed for this destination",
            "Use a number of this account; names are not allowed everywhere.", scope: .message),
        VendorCode(19, .configuration, "the account may not use this facility", "Ask Vonage to enable it."),
        VendorCode(
            23, .configuration, "the address for delivery receipts was refused",
            "Use a shorter public URL of this service."),
        VendorCode(
            29, .configuration, "the account is in demo mode and the recipient is not on its list",
            "Top up the account, or put the number on the list of test numbers.", scope: .message),
        VendorCode(
            32, .configuration, "the account wants requests signed",
            "Allow requests with the API secret in Vonage's settings."),
    ]

    private static let later = [
        VendorCode(1, .throttled, "the account sends faster than it may", slowDown),
        // Vonage's remedy is to back off and retry.
        VendorCode(10, .throttled, "the account has too many connections at once", slowDown),
        // "An error has occurred in the platform whilst processing this message" does not say that nothing was sent,
        // as 13 does.
        VendorCode(
            5, .ambiguous, "Vonage failed while handling the message",
            "It may have been sent: look it up at Vonage before sending it again."),
        VendorCode(13, .soft, "Vonage could not pass the message on", "It is tried again."),
    ]

    private static let correctRecipient = "Correct the recipient's number."
    private static let slowDown = "It is tried again later; if this goes on, send slower or ask for a higher limit."
}
