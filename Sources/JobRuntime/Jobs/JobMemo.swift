/// What an attempt leaves for the next one: the handler's own words, and whether the work may be done already.
public struct JobMemo: Sendable, Equatable, ExpressibleByStringLiteral {
    /// Shown to the next attempt as ``JobMeta/memo``; empty: nothing.
    public var text: String
    /// The work may have had its effect: a job in doubt cannot be cancelled, and never ends as if it had not been done
    /// (as expired, exhausted or too old), but as ``Outcome/unknown(error:)``.
    public var inDoubt: Bool

    public init(_ text: String, inDoubt: Bool = false) {
        self.text = text
        self.inDoubt = inDoubt
    }

    public init(stringLiteral value: String) { self.init(value) }
}
