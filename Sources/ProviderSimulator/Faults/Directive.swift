/// A fault that a message carries in its own text, so that tests which run side by side do not disturb each other:
/// `[simulate:…]` in a text, in an email's subject or content, or in a webhook's body; a webhook's URL may have it as
/// `?simulate=…`. The control API takes the same syntax.
///
/// Between the brackets stand, separated by commas:
/// - `delay=<ms>`: wait before the answer, up to 600000
/// - `drip=<ms>`: send the answer's body byte by byte, with this pause before each; an empty one ends after one pause
/// - one of `status=<200…599>`, `vonage=<1…99>`, `hang`, `drop` (see ``Fault/Effect``)
/// - with a status: `code=<n>` for the body, `retry-after=<s>`
/// - with a status or `vonage`: `accept` if the provider keeps the message all the same
/// - `callbacks=<quirk>`: how the provider tells what became of the message: `duplicate`, `reverse`, `early`, `none`, or
///   several joined by `+` (see ``Aftermath/Quirk``)
/// - `ends=<status>[:<code>]`: what becomes of a text: at Twilio `delivered`, `undelivered`, `failed` or `sent`, at
///   Vonage `delivered`, `expired`, `failed`, `rejected`, `accepted`, `buffered` or `unknown`
/// - `events=<event>`: what becomes of a mail: `delivered`, `deferred`, `bounce`, `blocked`, `dropped`, `spamreport`,
///   `unsubscribe`
/// - `times=<n>`: only the first n attempts of this message (same recipient and content) meet it
/// - `at=<provider>`: only this provider minds it, for a message that is tried at several
///
/// Several directives are played in order: one that is used up is passed over, delays add up, the first other effect
/// ends it. `[simulate:status=503,times=1][simulate:drop,times=1]` fails, then drops, then delivers. What only another
/// provider has is passed over, too.
///
/// A rule of the control API may also have `burst=<n>/<m>`: the first n of every m requests meet it.
struct Directive: Sendable, Equatable {
    struct Burst: Sendable, Equatable {
        var length: Int
        var period: Int
    }

    var fault = Fault()
    var times: Int?
    var provider: Provider?
    var burst: Burst?

    /// - Parameter text: what stands between `[simulate:` and `]`.
    init(parsing text: some StringProtocol) throws(DirectiveError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try apply(String(pair.first ?? ""), pair.count == 2 ? String(pair[1]) : nil, in: String(text))
        }
        switch fault.effect {
        case .status?: break
        case .vonage? where fault.code == nil && fault.retryAfter == nil: break
        default:
            if fault.code != nil || fault.retryAfter != nil || fault.acceptsFirst {
                throw DirectiveError(text: String(text), problem: "code, retry-after and accept need a status")
            }
        }
    }

    func concerns(_ provider: Provider) -> Bool {
        if let own = self.provider, own != provider { return false }
        if case .vonage? = fault.effect { return provider == .vonage }
        return true
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
        case ("drip", _): fault.drip = .milliseconds(try number(1...60_000))
        case ("times", _): times = try number(1...1_000_000)
        case ("code", _): fault.code = try number(1...99_999)
        case ("retry-after", _): fault.retryAfter = try number(0...86_400)
        case ("status", _): try setEffect(.status(number(200...599)))
        case ("vonage", _): try setEffect(.vonage(number(1...99)))
        case ("hang", nil): try setEffect(.hang)
        case ("drop", nil): try setEffect(.drop)
        case ("accept", nil): fault.acceptsFirst = true
        default: try applyWord(key, value ?? "", in: text)
        }
    }

    /// The keys whose values are words.
    private mutating func applyWord(_ key: String, _ value: String, in text: String) throws(DirectiveError) {
        func known<Value>(_ parsed: Value?) throws(DirectiveError) -> Value {
            guard let parsed else { throw DirectiveError(text: text, problem: "\(key) does not know '\(value)'") }
            return parsed
        }
        switch key {
        case "callbacks": fault.aftermath.quirks = try known(Set(value))
        case "ends": fault.aftermath.ends = try known(Aftermath.Ending(value))
        case "events": fault.aftermath.events = try known(Aftermath.MailEnding(rawValue: value))
        case "at": provider = try known(Provider(rawValue: value))
        case "burst": burst = try known(Burst(value))
        default: throw DirectiveError(text: text, problem: "unknown: \(key)")
        }
    }
}

extension Directive.Burst {
    /// `<n>/<m>`, n of every m.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let length = parts[0], let period = parts[1], 0 < length, length <= period else {
            return nil
        }
        self.init(length: length, period: period)
    }
}

/// A directive that cannot be read. It is answered with a 400, not passed over: a test whose fault was misspelt would
/// otherwise prove nothing.
struct DirectiveError: Error, CustomStringConvertible {
    var text: String
    var problem: String

    var description: String { "simulator: malformed directive '\(text)': \(problem)" }
}
