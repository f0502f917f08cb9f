/// Where an event stands in the stream of events. Redis orders events so.
public struct EventID: Hashable, Comparable, Sendable {
    package let entry: EntryID

    package init(_ entry: EntryID) { self.entry = entry }

    /// The place before every event of a moment.
    ///
    /// - Parameter milliseconds: Unix time by Redis's clock.
    public init(milliseconds: Int64) { entry = EntryID(milliseconds: UInt64(max(0, milliseconds)), sequence: 0) }

    public static func < (a: EventID, b: EventID) -> Bool { a.entry < b.entry }

    /// Unix milliseconds by Redis's clock.
    public var milliseconds: Int64 { Int64(clamping: entry.milliseconds) }

    /// The same as one number, which ascends in the order of the events: milliseconds, and 20 bits of the sequence.
    public var position: Int64 {
        min(milliseconds, .max >> Self.sequenceBits) << Self.sequenceBits
            | Int64(min(entry.sequence, 1 << UInt64(Self.sequenceBits) - 1))
    }

    private static let sequenceBits: Int64 = 20
}

extension EventID: CustomStringConvertible {
    public var description: String { "\(entry)" }
}
