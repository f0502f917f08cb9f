/// Why nothing can be read from a callback. Like a ``Fault``, it never repeats what the callback says.
public struct CallbackError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A clause without a full stop: `the form has more than 256 fields`.
    public var what: String

    public init(_ what: String) { self.what = what }

    public var description: String { what }
}
