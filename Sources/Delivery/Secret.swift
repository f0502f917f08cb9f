/// A value that must never be seen: printing, interpolating, dumping or reflecting it shows `<redacted>`.
public struct Secret: Sendable, Equatable, ExpressibleByStringLiteral {
    /// The value itself, for the one place that sends or signs with it.
    let revealed: String

    public init(_ value: String) { revealed = value }

    public init(stringLiteral value: String) { revealed = value }
}

/// Shows nothing of itself, by whichever way it is printed.
protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Secret: Redacted {}
