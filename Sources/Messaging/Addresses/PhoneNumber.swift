/// A telephone number in the international form of ITU-T E.164: a plus sign and up to 15 digits, the first not 0.
public enum PhoneNumber {
    /// What is wrong with a text as a telephone number, or nil if nothing is. Whether the number exists is not asked.
    public static func fault(in text: String) -> String? {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "+") else { return expectation }
        var digits = 0
        for byte in bytes.dropFirst() {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return expectation }
            if digits == 0, byte == UInt8(ascii: "0") { return expectation }
            digits += 1
        }
        return (2...15).contains(digits) ? nil : expectation
    }

    private static let expectation =
        "must be a telephone number in E.164 form: + and 2 to 15 digits, the first not 0, such as +15551234567"
}
