import NIOCore
import Redis

/// One stream entry as it was delivered to this worker.
struct Delivered: Sendable {
    let entry: EntryID
    /// How often the entry has been delivered, this time included: with the owner, what the fence checks.
    let deliveries: Int
    let job: JobID
    let kind: String
    let attempt: Int
    let enqueuedAt: Int64
    let payload: ByteBuffer
}

extension Delivered {
    /// Reads `[id, [name, value, …]]`. The fields stand in one order always: `id kind attempt at payload meta`.
    ///
    /// - Returns: nil when this is no job of ours: somebody else wrote it into the stream.
    init?(_ value: RedisValue, deliveries: Int) {
        guard case .array(let parts) = value, parts.count == 2, let entry = parts[0].bytes.flatMap(EntryID.init),
            case .array(let fields) = parts[1], fields.count >= 12, fields.count.isMultiple(of: 2)
        else { return nil }
        guard zip(Self.names, stride(from: 0, to: 12, by: 2)).allSatisfy({ fields[$1].bytes == $0 }) else { return nil }
        guard let job = fields[1].bytes.flatMap({ JobID(String(buffer: $0)) }), let kind = fields[3].string,
            let attempt = fields[5].int, let enqueuedAt = fields[7].int, let payload = fields[9].bytes
        else { return nil }
        self.init(
            entry: entry, deliveries: deliveries, job: job, kind: kind, attempt: Int(attempt), enqueuedAt: enqueuedAt,
            payload: payload)
    }

    private static let names = ["id", "kind", "attempt", "at", "payload", "meta"].map(ByteBuffer.init(string:))

    /// An entry that somebody else wrote into the stream: only its id is known.
    static func foreign(_ value: RedisValue, deliveries: Int) -> Delivered? {
        guard case .array(let parts) = value, let entry = parts.first?.bytes.flatMap(EntryID.init) else { return nil }
        return Delivered(
            entry: entry, deliveries: deliveries, job: JobID(high: 0, low: 0), kind: "", attempt: 1, enqueuedAt: 0,
            payload: ByteBuffer())
    }

    /// Whether the entry could be read as a job.
    var isJob: Bool { job.high != 0 }
}
