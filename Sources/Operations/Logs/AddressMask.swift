/// Takes people's addresses out of texts: nothing of ours logs one, but an error of somebody else's may repeat what it was
/// given.
///
/// - `+15551234567` becomes `+***67`.
/// - `ada@example.com` becomes `***@example.com`, and so does what stands before the host in a URL.
/// - Of `https://example.com/hooks/secret?key=1` the host is left: `https://example.com/***`.
///
/// Percent-encoded they are known, too.
enum AddressMask {
    private static let stars = Array("***".utf8)
    /// Shorter ones are no numbers that anybody could be called at.
    private static let leastDigits = 7

    static func masked(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if let length = sign(UInt8(ascii: "+"), encoded: "2B", at: index, in: text) {
                index = number(at: index, sign: length, in: text, to: &out)
            } else if let length = sign(UInt8(ascii: "@"), encoded: "40", at: index, in: text) {
                index = host(at: index, sign: length, in: text, to: &out)
            } else if text[index] == UInt8(ascii: ":"), isSchemeEnd(at: index, in: text) {
                index = address(at: index, in: text, to: &out)
            } else {
                out.append(text[index])
                index += 1
            }
        }
        return out
    }

    /// How long the sign is that stands there, as itself or percent-encoded; nil: it does not.
    private static func sign(
        _ sign: UInt8, encoded: StaticString, at index: Int, in text: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        if text[index] == sign { return 1 }
        guard text[index] == UInt8(ascii: "%"), index + 2 < text.count, text[index + 1] == encoded.utf8Start[0],
            text[index + 2] & 0xDF == encoded.utf8Start[1] & 0xDF
        else { return nil }
        return 3
    }

    private static func number(
        at index: Int, sign: Int, in text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]
    ) -> Int {
        out.append(contentsOf: text[index..<index + sign])
        var end = index + sign
        while end < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[end]) { end += 1 }
        guard end - index - sign >= leastDigits else { return index + sign }
        out.append(contentsOf: stars)
        out.append(contentsOf: text[end - 2..<end])
        return end
    }

    /// Replaces what was written of the part before the sign.
    private static func host(
        at index: Int, sign: Int, in text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]
    ) -> Int {
        let hasHost = index + sign < text.count && !isEnd(text[index + sign])
        let start = out.lastIndex(where: isEnd).map { $0 + 1 } ?? 0
        if hasHost, start < out.count {
            out.removeSubrange(start...)
            out.append(contentsOf: stars)
        }
        out.append(contentsOf: text[index..<index + sign])
        return index + sign
    }

    private static func isSchemeEnd(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        index + 2 < text.count && text[index + 1] == UInt8(ascii: "/") && text[index + 2] == UInt8(ascii: "/")
    }

    private static func address(
        at index: Int, in text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]
    ) -> Int {
        let start = index + 3
        let end = text[start...].firstIndex(where: isEnd) ?? text.count
        out.append(contentsOf: text[index..<start])
        let path = text[start..<end].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? end
        let user = text[start..<path].lastIndex(of: UInt8(ascii: "@"))
        if user != nil { out.append(contentsOf: stars) }
        out.append(contentsOf: text[(user ?? start)..<path])
        if end - path > 1 {
            out.append(UInt8(ascii: "/"))
            out.append(contentsOf: stars)
        } else {
            out.append(contentsOf: text[path..<end])
        }
        return end
    }

    /// Whether a byte stands in no address.
    private static func isEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ";"):
            true
        default: false
        }
    }
}
