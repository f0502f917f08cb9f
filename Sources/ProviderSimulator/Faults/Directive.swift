/// A fault that a message carries in its own text, so that tests which run side by side do not disturb each other:
/// `[simulate:…]` in a Twilio body, in an email's subject or content, or in a webhook's body; a webhook's URL may have
/// it as `?simulate=…`. The control API takes the same syntax.
///
/// Between the brackets stand, separated by commas:
/// - `delay=<ms>`: wait before the answer, up to 600000
/// - one of `status=<200…599>`, `hang`, `drop` (see ``Fault/Effect``)
/// - with a status: `code=<n>` for the body, `retry-after=<s>`, and `accept` if the provider keeps the message all the
///   same
/// - `times=<n>`: only the first n attempts of this message (same recipient and content) meet it
///
/// Several directives are played in order: one that is used up is passed over, delays add up, the first other effect
/// ends it. `[simulate:status=503,times=1][simulate:drop,times=1]` fails, then drops, then delivers.
struct Directive: Sendable, Equatable {
    var fault = Fault()
    var times: Int?

    /// - Parameter text: what stands between `[simulate:` and `]`.
    init(parsing text: some StringProtocol) throws(DirectiveError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try apply(String(pair.first ?? ""), pair.count == 2 ? String(pair[1]) : nil, in: String(text))
        }
        if case .status? = fault.effect { return }
        if fault.code != nil || fault.retryAfter != nil || fault.acceptsFirst {
            throw DirectiveError(text: String(text), problem: "code, retry-after and accept need a status")
        }
    }

    private mutating func apply(_ key: String, _ value: String?, in text: String) throws(DirectiveError) {
        func number(_ range: ClosedRange<Int>) throws(DirectiveError) -> Int {
            guard let value, let number = Int(value), range.contains(number) else {
                throw DirectiveError(
                    text: text, problem: "\(key) needs a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        func setEffect(_ effect: Fault.Effect) throws(DirectiveError) {
            guard fault.effect == nil else { throw DirectiveError(text: text, problem: "only one effect is allowed") }
            fault.effect = effect
        }
        switch (key, value) {
        case ("delay", _): fault.delay = .milliseconds(try number(0...600_000))
        case ("times", _): times = try number(1...1_000_000)
        case ("code", _): fault.code = try number(1...99_999)
        case ("retry-after", _): fault.retryAfter = try number(0...86_400)
        case ("status", _): try setEffect(.status(number(200...599)))
        case ("hang", nil): try setEffect(.hang)
        case ("drop", nil): try setEffect(.drop)
        case ("accept", nil): fault.acceptsFirst = true
        default: throw DirectiveError(text: text, problem: "unknown: \(key)")
        }
    }
}

/// A directive that cannot be read. It is answered with a 400, not passed over: a test whose fault was misspelt would
/// otherwise prove nothing.
struct DirectiveError: Error, CustomStringConvertible {
    var text: String
    var problem: String

    var description: String { "simulator: malformed directive '\(text)': \(problem)" }
}

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
            found.append(try Directive(parsing: text[start..<end]))
            rest = bytes[bytes.index(after: end)...]
        }
        return found
    }

    /// The directives of a message, wherever it has text.
    static func find(in arrival: Arrival) throws(DirectiveError) -> [Directive] {
        var found: [Directive] = []
        if let directive = arrival.directive { found.append(try Directive(parsing: directive)) }
        if let subject = arrival.subject { found += try find(in: subject) }
        found += try find(in: arrival.body)
        if let html = arrival.html { found += try find(in: html) }
        return found
    }
}
