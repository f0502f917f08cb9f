/// Twilio's error codes and what follows from them. Source: Twilio, "Error and Warning Dictionary".
enum TwilioCode {
    static let known = Dictionary(uniqueKeysWithValues: table.map { ($0.code, $0) })

    static let table = recipient + content + configuration + throttled + later

    private static let recipient = [
        VendorCode(21211, .recipient, "the recipient is not a valid phone number", correctRecipient),
        VendorCode(21614, .recipient, "the recipient is not a mobile number", correctRecipient),
        VendorCode(21612, .recipient, "the recipient cannot be reached from this sender", "Use another sender."),
        VendorCode(
            21610, .optedOut, "the recipient has opted out", "Do not send until it sends START."),
        VendorCode(30004, .recipient, "the recipient's number blocks messages", "Do not send to it again."),
        VendorCode(30005, .recipient, "the recipient's number is unknown or no longer in use", correctRecipient),
        VendorCode(30006, .recipient, "the recipient is a landline or its carrier is unreachable", correctRecipient),
    ]

    private static let content = [
        VendorCode(21617, .content, "the text is too long", "Shorten it to 1600 characters."),
        VendorCode(21619, .content, "there is neither text nor media", "Send a body or an attachment."),
        VendorCode(21623, .content, "there are too many media", "Send ten attachments at most."),
        VendorCode(30007, .content, "the carrier filtered the message as unwanted", "Review content and consent."),
        VendorCode(30019, .content, "the media are larger than the carrier takes", "Send smaller attachments."),
        VendorCode(30011, .content, "the recipient's phone or region takes no MMS", "Send it as an SMS with a link."),
    ]

    private static let configuration = [
        VendorCode(
            20003, .configuration, "the account's credentials were refused", "Check the account SID and the auth token."
        ),
        VendorCode(
            20404, .configuration, "the account or its API was not found", "Check the account SID and the base URL."),
        VendorCode(
            21408, .configuration, "the account may not send to this region",
            "Allow the region under Geo Permissions in Twilio's console.", scope: .message),
        VendorCode(
            21212, .configuration, "the sender is no valid number", "Use a sender of this account, in E.164 form.",
            scope: .sender),
        VendorCode(
            21606, .configuration, "the sender cannot send messages",
            "Use a sender of this account that can send to the recipient's country.", scope: .message),
        VendorCode(
            21910, .configuration, "sender and recipient are of different channels",
            "Use a sender of the same channel.", scope: .message
        ),
        VendorCode(30002, .configuration, "the account is suspended", "Settle it with Twilio."),
        VendorCode(
            30032, .configuration, "the toll-free sender is not verified", "Verify the number in Twilio's console.",
            scope: .sender),
        VendorCode(
            30034, .configuration, "the sender is not registered for A2P 10DLC",
            "Register a campaign and add the number to it.", scope: .sender),
        VendorCode(
            30037, .configuration, "outbound messaging is disabled for the account", "Ask Twilio to enable it."),
        VendorCode(
            30450, .configuration, "Twilio's SMS Pumping Protection blocks the destination for now",
            "It usually ends within 30 minutes; put trusted numbers on the Global Safe List.", scope: .message),
    ]

    private static let throttled = [
        VendorCode(20429, .throttled, "too many requests at once", slowDown),
        VendorCode(21611, .throttled, "the sender's queue is full", slowDown),
        VendorCode(30001, .throttled, "the carrier's queue overflowed", slowDown),
        VendorCode(30022, .throttled, "the A2P 10DLC rate limit is reached", slowDown),
        VendorCode(30027, .throttled, "the carrier's daily cap of the A2P 10DLC brand is reached", slowDown),
    ]

    private static let later = [
        VendorCode(
            20500, .ambiguous, "Twilio failed while handling the message",
            "It may have been sent: look it up at Twilio before sending it again."),
        VendorCode(30003, .soft, "the recipient's phone is switched off or out of reach", "It may be tried again."),
        VendorCode(30008, .soft, "the carrier gave no reason", "It may be tried again."),
        VendorCode(30500, .soft, "Twilio failed while delivering the message", "It may be tried again."),
        VendorCode(30036, .expired, "the validity period ended before delivery", "Send it anew if it still matters."),
    ]

    private static let correctRecipient = "Correct the recipient's number."
    private static let slowDown = "It is tried again later; if this goes on, send slower or from more senders."
}
