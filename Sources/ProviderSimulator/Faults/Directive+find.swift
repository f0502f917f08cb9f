extension Directive {
    private static let opening = Array("[simulate:".utf8)

    /// The directives in a text, in order. Costs one pass over the bytes when there are none.
    static func find(in text: String) throws(DirectiveError) -> [Directive] {
        let bytes = text.utf8
        var found: [Directive] = []
        var rest = bytes[...]
        while let bracket = rest.firstIndex(of: UInt8(ascii: "[")) {
            guard bytes[bracket...].starts(with: opening) else {
                rest = bytes[bytes.index(after: bracket)...]
                continue
            }
            let start = bytes.index(bracket, offsetBy: opening.count)
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else {
                throw DirectiveError(text: String(text[start...].prefix(40)), problem: "no closing bracket")
            }
            found.append(try Directive(ofOneMessage: text[start..<end]))
            rest = bytes[bytes.index(after: end)...]
        }
        return found
    }

    /// The directives of a message, wherever it has text.
    static func find(in arrival: Arrival) throws(DirectiveError) -> [Directive] {
        var found: [Directive] = []
        if let directive = arrival.directive { found.append(try Directive(ofOneMessage: directive)) }
        if let subject = arrival.subject { found += try find(in: subject) }
        found += try find(in: arrival.body)
        if let html = arrival.html { found += try find(in: html) }
        return found
    }

    private init(ofOneMessage text: some StringProtocol) throws(DirectiveError) {
        try self.init(parsing: text)
        if burst != nil { throw DirectiveError(text: String(text), problem: "burst is for rules") }
    }
}
