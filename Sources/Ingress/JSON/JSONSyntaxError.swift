/// Why a text is no JSON document, and where.
struct JSONSyntaxError: Error, Equatable {
    /// What was expected or found.
    var reason: String
    /// Bytes from the beginning of the text.
    var offset: Int
    /// Counted from 1.
    var line: Int
    /// In bytes of the line, counted from 1.
    var column: Int

    init(_ reason: String, at offset: Int, of text: [UInt8]) {
        self.reason = reason
        self.offset = offset
        let before = text.prefix(offset)
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    var description: String { "\(reason), at line \(line), column \(column)" }
}
