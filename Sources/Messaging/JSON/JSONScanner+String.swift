extension JSONScanner {
    /// Reads the string that begins here: in one piece up to its closing quote or its first escape.
    mutating func scanString() throws(JSONSyntaxError) -> String {
        let opening = position
        position += 1
        let start = position
        let isASCII = try skipPlainText(since: opening)
        if bytes[position] == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(bytes[start..<position], isASCII: isASCII, from: opening)
        }
        return try scanEscapedString(from: opening, plain: bytes[start..<position])
    }

    /// Passes over the string that begins here. Where only its reading tells whether it is one, it is read.
    mutating func skipString() throws(JSONSyntaxError) {
        let opening = position
        position += 1
        if try skipPlainText(since: opening), bytes[position] == UInt8(ascii: "\"") {
            position += 1
        } else {
            position = opening
            _ = try scanString()
        }
    }

    /// Stops at a quote or a backslash.
    ///
    /// - Returns: whether all before it is ASCII.
    private mutating func skipPlainText(since opening: Int) throws(JSONSyntaxError) -> Bool {
        var (end, all) = (position, UInt8(0))
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                position = end
                return all < 0x80
            }
            guard byte >= 0x20 else { throw fault("a control character in a string must be escaped", at: end) }
            all |= byte
            end += 1
        }
        throw fault("the string that begins here does not end", at: opening)
    }

    private mutating func scanEscapedString(
        from opening: Int, plain: ArraySlice<UInt8>
    ) throws(JSONSyntaxError) -> String {
        var content = Array(plain)
        while bytes[position] == UInt8(ascii: "\\") {
            try scanEscape(into: &content, opening: opening)
            let start = position
            _ = try skipPlainText(since: opening)
            content.append(contentsOf: bytes[start..<position])
        }
        position += 1
        return try text(content[...], isASCII: false, from: opening)
    }

    private func text(
        _ content: ArraySlice<UInt8>, isASCII: Bool, from opening: Int
    ) throws(JSONSyntaxError) -> String {
        // The library's way with what may be no UTF-8 takes longer than all else here, and most strings are ASCII.
        if isASCII { return String(decoding: content, as: UTF8.self) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw fault("the string that begins here is not UTF-8", at: opening)
        }
        return text
    }

    private mutating func scanEscape(into content: inout [UInt8], opening: Int) throws(JSONSyntaxError) {
        let escape = position
        guard position + 1 < bytes.count else { throw fault("the string that begins here does not end", at: opening) }
        let letter = bytes[position + 1]
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(try scanScalar(escape: escape)).utf8)
        default: throw fault("unknown escape in a string", at: escape)
        }
    }

    /// Reads the digits of a `\u` escape, and the second half of a surrogate pair with them.
    private mutating func scanScalar(escape: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try scanCodeUnit(escape: escape)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let isPair =
            UTF16.isLeadSurrogate(first) && position + 1 < bytes.count && bytes[position] == UInt8(ascii: "\\")
            && bytes[position + 1] == UInt8(ascii: "u")
        guard isPair else { throw fault("half of a surrogate pair in a string", at: escape) }
        position += 2
        let second = try scanCodeUnit(escape: escape)
        guard UTF16.isTrailSurrogate(second) else { throw fault("half of a surrogate pair in a string", at: escape) }
        let value = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        guard let scalar = Unicode.Scalar(value) else { throw fault("no character in a string", at: escape) }
        return scalar
    }

    private mutating func scanCodeUnit(escape: Int) throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8? = position < bytes.count ? bytes[position] : nil
            switch digit {
            case .some(let digit) where digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9"):
                unit = unit << 4 | UInt16(digit - UInt8(ascii: "0"))
            case .some(let digit) where digit | 0x20 >= UInt8(ascii: "a") && digit | 0x20 <= UInt8(ascii: "f"):
                unit = unit << 4 | UInt16((digit | 0x20) - UInt8(ascii: "a") + 10)
            default:
                throw fault("four hexadecimal digits were expected in an escape", at: escape)
            }
            position += 1
        }
        return unit
    }
}
