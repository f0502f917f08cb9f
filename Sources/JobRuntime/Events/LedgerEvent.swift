public import NIOCore

/// One entry of the stream of events, as the ledger reads it.
public struct LedgerEvent: Sendable, Equatable {
    public enum Content: Sendable, Equatable {
        /// Something happened to a job. The payload is given with `accepted` and `restored`.
        case job(JobEvent, payload: ByteBuffer?)
        /// Something that concerns no job; the fields without `type`.
        case other(type: String, fields: [String: String])
        /// Somebody else wrote it, or a later version.
        case unreadable(fields: [Field], why: String)
    }

    /// A field as it stands in an entry.
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var id: EventID
    public var content: Content

    public init(_ id: EventID, _ content: Content) {
        self.id = id
        self.content = content
    }
}
