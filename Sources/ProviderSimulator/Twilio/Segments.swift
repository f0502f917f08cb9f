/// How many segments a text takes on the air: in GSM-7 160 septets, or 153 each when there are several; in UCS-2 70
/// and 67 UTF-16 units. Source: 3GPP TS 23.038 (alphabet), TS 23.040 (concatenation).
enum Segments {
    private static let basic = Set<Unicode.Scalar>(
        """
        @£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,-./0123456789:;<=>?\
        ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà
        """.unicodeScalars)
    /// Written as an escape and another septet.
    private static let extended = Set<Unicode.Scalar>("\u{0C}^{}\\[~]|€".unicodeScalars)

    static func count(_ text: String) -> Int {
        if let septets = septets(text) { return septets <= 160 ? 1 : (septets + 152) / 153 }
        let units = text.utf16.count
        return units <= 70 ? 1 : (units + 66) / 67
    }

    /// nil: not in the alphabet.
    private static func septets(_ text: String) -> Int? {
        var count = 0
        for scalar in text.unicodeScalars {
            if basic.contains(scalar) {
                count += 1
            } else if extended.contains(scalar) {
                count += 2
            } else {
                return nil
            }
        }
        return count
    }
}
