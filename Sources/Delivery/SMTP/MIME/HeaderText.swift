import FoundationEssentials

/// Free text in a header. What it cannot hold, control characters, becomes spaces: even a reader that decodes a text
/// and writes it into headers of its own gets one line.
enum HeaderText {
    private static let columns = 76

    /// A value such as a subject, folded. Plain where that shows it exactly, else as encoded words of UTF-8 (RFC 2047).
    ///
    /// - Parameter after: how much of the first line is taken.
    static func unstructured(_ text: String, after taken: Int) -> String {
        let text = withoutControls(text)
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let isPlain =
            isPrintableASCII(text) && !text.contains("=?") && words.allSatisfy { (1...60).contains($0.utf8.count) }
        return isPlain || text.isEmpty ? folded(words, after: taken) : encodedWords(text)
    }

    private static func folded(_ words: [Substring], after taken: Int) -> String {
        var result = ""
        var column = taken
        for (index, word) in words.enumerated() {
            let isNewLine = index > 0 && column + 1 + word.utf8.count > columns
            if isNewLine { column = 0 }
            if index > 0 { result += isNewLine ? "\r\n " : " " }
            result += word
            column += 1 + word.utf8.count
        }
        return result
    }

    /// Readers leave away the line breaks and spaces between encoded words, so each word says all of its part. 39 bytes
    /// make a word of 64 characters: short enough behind any header's name.
    private static func encodedWords(_ text: String) -> String {
        chunks(text, longest: 39) { $0.count }.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }
            .joined(separator: "\r\n ")
    }

    /// A parameter of a header, with what stands before it, each on a line of its own: quoted where that shows it
    /// exactly, else percent-encoded UTF-8, in numbered pieces where it is long (RFC 2231). Spaces at its ends are left
    /// away, and with nothing left the whole parameter.
    static func parameter(_ name: String, _ value: String) -> String {
        let value = withoutControls(value).withoutOuterSpaces
        let isPlain =
            isPrintableASCII(value) && value.utf8.count <= 60 && !value.contains(where: { "\"\\".contains($0) })
            && !value.contains("=?")
        if isPlain { return value.isEmpty ? "" : ";\r\n \(name)=\"\(value)\"" }
        let pieces = chunks(value, longest: 48) { $0.reduce(0) { $0 + (isAttributeCharacter($1) ? 1 : 3) } }
            .map(percentEncoded)
        if pieces.count == 1 { return ";\r\n \(name)*=UTF-8''\(pieces[0])" }
        return pieces.enumerated().map { ";\r\n \(name)*\($0)*=\($0 == 0 ? "UTF-8''" : "")\($1)" }.joined()
    }

    private static func percentEncoded(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for byte in bytes {
            if isAttributeCharacter(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 0xF)]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The text in pieces of whole scalars, each as long as its measure allows.
    private static func chunks(_ text: String, longest: Int, measure: ([UInt8]) -> Int) -> [[UInt8]] {
        var chunks: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if measure(chunks[chunks.count - 1] + bytes) > longest { chunks.append([]) }
            chunks[chunks.count - 1] += bytes
        }
        return chunks
    }

    /// C0, DEL, C1 and the two Unicode line breaks, each as a space.
    private static func withoutControls(_ text: String) -> String {
        let isControl: (Unicode.Scalar) -> Bool = {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || (0x2028...0x2029).contains($0.value)
        }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    private static func isPrintableASCII(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20...0x7E).contains($0) } }

    /// `attribute-char` of RFC 2231 section 7, less what some readers trip over.
    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension StringProtocol {
    /// By scalars: a space with an accent on it is a space.
    var withoutOuterSpaces: String {
        let tail = unicodeScalars.drop { $0 == " " }
        return String(String.UnicodeScalarView(tail.reversed().drop { $0 == " " }.reversed()))
    }
}
