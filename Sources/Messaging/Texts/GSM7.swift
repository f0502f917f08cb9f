/// The default alphabet of text messages and its extension table. Source: 3GPP TS 23.038, section 6.2.1.
enum GSM7 {
    private static let basic: String.UnicodeScalarView =
        """
        @£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,-./0123456789:;<=>?\
        ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà
        """.unicodeScalars

    /// Written as an escape and another septet.
    private static let extended: String.UnicodeScalarView = "\u{0C}^{}\\[~]|€".unicodeScalars

    private static let others: [Unicode.Scalar: Int] = {
        var septets: [Unicode.Scalar: Int] = [:]
        for scalar in basic where !scalar.isASCII { septets[scalar] = 1 }
        for scalar in extended where !scalar.isASCII { septets[scalar] = 2 }
        return septets
    }()

    /// By code point.
    private static let ascii: [UInt8] = {
        var septets = [UInt8](repeating: 0, count: 128)
        for scalar in basic where scalar.isASCII { septets[Int(scalar.value)] = 1 }
        for scalar in extended where scalar.isASCII { septets[Int(scalar.value)] = 2 }
        return septets
    }()

    /// 1 or 2; 0 where the alphabet does not have it.
    static func septets(of scalar: Unicode.Scalar) -> Int {
        scalar.isASCII ? Int(ascii[Int(scalar.value)]) : others[scalar] ?? 0
    }

    /// The length of a text in which each byte is one septet; nil for any other text. Most texts are of this kind.
    static func septetsOfPlainASCII(_ text: String) -> Int? {
        var text = text
        return text.withUTF8 { bytes in
            bytes.allSatisfy { $0 < 128 && ascii[Int($0)] == 1 } ? bytes.count : nil
        }
    }
}
