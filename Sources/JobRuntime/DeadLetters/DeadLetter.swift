public import NIOCore

/// A job that no further attempt is made of, whole, with the reason.
public struct DeadLetter: Sendable, Equatable, Identifiable {
    /// Its place among the dead letters of its queue: the id of its stream entry, `<milliseconds>-<sequence>`.
    public struct ID: Sendable, Hashable, Comparable, LosslessStringConvertible {
        package let entry: EntryID

        package init(_ entry: EntryID) { self.entry = entry }

        public init?(_ description: String) {
            // As it is written: a longer number would be read as another entry's.
            guard let entry = EntryID(ByteBuffer(string: description)), "\(entry)" == description else { return nil }
            self.entry = entry
        }

        public var description: String { "\(entry)" }

        public static func < (a: ID, b: ID) -> Bool { a.entry < b.entry }
    }

    public var id: ID
    /// nil when the entry was no job of ours.
    public var job: JobID?
    public var kind: String
    public var attempt: Int
    /// Unix milliseconds of Redis's clock, as all times here.
    public var enqueuedAt: Int64
    public var payload: ByteBuffer
    public var meta: JobMeta
    public var reason: DeadReason
    public var error: String
    public var diedAt: Int64

    package init(
        id: ID, job: JobID?, kind: String, attempt: Int, enqueuedAt: Int64, payload: ByteBuffer, meta: JobMeta,
        reason: DeadReason, error: String, diedAt: Int64
    ) {
        self.id = id
        self.job = job
        self.kind = kind
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
        self.payload = payload
        self.meta = meta
        self.reason = reason
        self.error = error
        self.diedAt = diedAt
    }

    /// Whether there is enough of it to be run again.
    public var isRedrivable: Bool { job != nil && !kind.isEmpty }

    /// The payload as text, what is no UTF-8 replaced.
    package var payloadText: String { String(buffer: payload) }
}
