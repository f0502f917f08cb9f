import Messaging

/// The `err-code` of a delivery receipt. Source: Vonage, "Delivery receipts", "DLR error codes".
struct VonageReceiptCode: Sendable {
    let code: Int
    /// As in ``StatusNews/what``.
    let what: String
    /// Why nothing is to be sent to the number any more, where Vonage says so.
    let suppresses: Suppression.Reason?

    private init(_ code: Int, _ what: String, suppresses: Suppression.Reason? = nil) {
        self.code = code
        self.what = what
        self.suppresses = suppresses
    }

    static let known = Dictionary(uniqueKeysWithValues: table.map { ($0.code, $0) })

    static let table = [
        VonageReceiptCode(1, "no cause is known"),
        VonageReceiptCode(2, "the recipient's phone is switched off or out of reach"),
        // "Should be removed from your database", Vonage says of this and the next.
        VonageReceiptCode(3, "the recipient's number is no longer active", suppresses: .hardBounce),
        VonageReceiptCode(4, "the recipient's number is barred from text messages", suppresses: .hardBounce),
        VonageReceiptCode(5, "the recipient's number is not well ported between carriers"),
        VonageReceiptCode(6, "the carrier filtered the message as unwanted"),
        VonageReceiptCode(7, "the recipient's phone was busy"),
        VonageReceiptCode(8, "a network failed"),
        VonageReceiptCode(9, "the recipient has opted out", suppresses: .optedOut),
        VonageReceiptCode(10, "the message is malformed, as with a wrong encoding"),
        VonageReceiptCode(11, "Vonage has no route to the recipient"),
        VonageReceiptCode(12, "the recipient's number was not found"),
        VonageReceiptCode(13, "the recipient may not get such messages at their age"),
        VonageReceiptCode(14, "the recipient's carrier blocks text messages to the number"),
        VonageReceiptCode(15, "the recipient's prepaid account has not enough credit"),
        VonageReceiptCode(16, "the gateway's quota is used up"),
        VonageReceiptCode(50, "the sending company was filtered"),
        VonageReceiptCode(51, "the sender was filtered"),
        VonageReceiptCode(52, "the content was filtered"),
        VonageReceiptCode(53, "the recipient's consent is not registered"),
        VonageReceiptCode(54, "a regulation forbids the message"),
        VonageReceiptCode(99, "the route failed"),
    ]
}
