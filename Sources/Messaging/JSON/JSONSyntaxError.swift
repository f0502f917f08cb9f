/// Why a text is no JSON document, and where.
package struct JSONSyntaxError: Error, Equatable {
    /// What was expected or found.
    package var reason: String
    /// Bytes from the beginning of the text.
    package var offset: Int
    /// Counted from 1.
    package var line: Int
    /// In bytes of the line, counted from 1.
    package var column: Int

    package init(_ reason: String, at offset: Int, of text: [UInt8]) {
        self.reason = reason
        self.offset = offset
        let before = text.prefix(offset)
        line = 1 + before.count { $0 == UInt8(ascii: "\n") }
        column = 1 + before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    package var description: String { "\(reason), at line \(line), column \(column)" }
}
