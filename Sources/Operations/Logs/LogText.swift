/// Writes texts of unknown origin into lines: what would end a line, steer a terminal or give an address away is
/// replaced. A text is looked through once; most have nothing of the kind and are copied as they are.
enum LogText {
    /// What is longer is cut: a line is to fit into what a pipe takes at once.
    static let longest = 2048

    private struct Finds: OptionSet {
        let rawValue: UInt8

        /// To be written as an escape, or the first byte of such a character.
        static let escapes = Finds(rawValue: 1)
        /// Makes quotes necessary around a word.
        static let breaks = Finds(rawValue: 2)
        /// May belong to an address.
        static let addresses = Finds(rawValue: 4)
    }

    private static let finds: [Finds] = (0...255).map { (byte: Int) -> Finds in
        switch UInt8(byte) {
        // C2 begins the control characters of 80…9F, E2 the separators of lines and paragraphs.
        case 0..<0x20, 0x7F, 0xC2, 0xE2: [.escapes, .breaks]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): [.escapes, .breaks]
        case UInt8(ascii: " "), UInt8(ascii: "="): .breaks
        case UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "%"): .addresses
        // Of `://`.
        case UInt8(ascii: ":"): .addresses
        default: []
        }
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// With quotes around it, as JSON has it.
    static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// With quotes only where it would not be seen where it ends.
    static func appendWord(_ text: String, to bytes: inout [UInt8]) {
        let isWord = !text.isEmpty && looked(through: text).isDisjoint(with: .breaks)
        if isWord { appendEscaped(text, to: &bytes) } else { appendQuoted(text, to: &bytes) }
    }

    static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { content in
            var content = content
            let isCut = content.count > longest
            if isCut { content = UnsafeBufferPointer(rebasing: content.prefix(wholeCharacters(content))) }
            let found = look(through: content)
            if found.contains(.addresses) {
                AddressMask.masked(content).withUnsafeBufferPointer { append($0, found, to: &bytes) }
            } else {
                append(content, found, to: &bytes)
            }
            if isCut { bytes.append(contentsOf: "…".utf8) }
        }
    }

    /// Without addresses.
    static func masked(_ text: String) -> String {
        guard looked(through: text).contains(.addresses) else { return text }
        var text = text
        return text.withUTF8 { String(decoding: AddressMask.masked($0), as: UTF8.self) }
    }

    private static func looked(through text: String) -> Finds {
        var text = text
        return text.withUTF8 { look(through: $0) }
    }

    private static func look(through text: UnsafeBufferPointer<UInt8>) -> Finds {
        finds.withUnsafeBufferPointer { finds in
            var found: UInt8 = 0
            for byte in text { found |= finds[Int(byte)].rawValue }
            return Finds(rawValue: found)
        }
    }

    /// How much of a text that is too long is kept: no character is torn.
    private static func wholeCharacters(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var end = longest
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    private static func append(_ text: UnsafeBufferPointer<UInt8>, _ found: Finds, to bytes: inout [UInt8]) {
        guard found.contains(.escapes) else { return bytes.append(contentsOf: text) }
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7F: escape(UInt16(byte), to: &bytes)
            case 0xC2 where index < text.count && text[index] < 0xA0:
                escape(UInt16(text[index]), to: &bytes)
                index += 1
            case 0xE2 where index + 1 < text.count && text[index] == 0x80 && text[index + 1] & 0xFE == 0xA8:
                escape(0x2000 + UInt16(text[index + 1] - 0x80), to: &bytes)
                index += 2
            default: bytes.append(byte)
            }
        }
    }

    private static func escape(_ character: UInt16, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(character >> shift & 0xF)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
