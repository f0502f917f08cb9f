/// Who a text message can be from: a telephone number in E.164 form, a short code of 3 to 8 digits, an alphanumeric
/// sender of up to 11 characters with a letter in it, or a Messaging Service of Twilio, `MG` and 32 hexadecimal digits.
public enum TextSender {
    /// What is wrong with a text as a sender, or nil if nothing is. Whether the account has it is not asked.
    public static func fault(in text: String) -> String? {
        if text.hasPrefix("+") { return PhoneNumber.fault(in: text) }
        return isMessagingService(text) || isShortCode(text) || isAlphanumeric(text) ? nil : expectation
    }

    /// Source: Twilio, "Messaging Service resource", `sid`.
    public static func isMessagingService(_ text: String) -> Bool {
        text.utf8.count == 34 && text.hasPrefix("MG") && text.utf8.dropFirst(2).allSatisfy(isHexDigit)
    }

    private static func isShortCode(_ text: String) -> Bool {
        (3...8).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Source: Twilio, "Alphanumeric Sender ID": letters, digits, space and `+ - _ &`, at least one letter.
    private static func isAlphanumeric(_ text: String) -> Bool {
        (1...11).contains(text.utf8.count) && text.first != " " && text.last != " "
            && text.utf8.contains { !(0x30...0x39).contains($0) && DomainName.isLetterOrDigit($0) }
            && text.utf8.allSatisfy { DomainName.isLetterOrDigit($0) || " +-_&".utf8.contains($0) }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private static let expectation =
        "must be a telephone number in E.164 form such as +15551234567, a short code, a name of up to 11 letters and digits, or a Messaging Service (MG…)"
}
