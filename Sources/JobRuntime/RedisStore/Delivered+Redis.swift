import NIOCore
import Redis

extension Delivered {
    /// Reads `[id, [name, value, …]]`.
    ///
    /// - Returns: nil when there is not even an id; an entry that is no job of ours where somebody else wrote it.
    static func read(_ value: RedisValue, lane: Lane, deliveries: Int) -> Delivered? {
        guard case .array(let parts) = value, let id = parts.first?.bytes.flatMap(EntryID.init) else { return nil }
        let entry = Entry(lane, id)
        return job(parts, entry, deliveries) ?? .foreign(entry, deliveries: deliveries)
    }

    /// The fields stand in one order always: `id kind attempt at payload meta`.
    private static func job(_ parts: [RedisValue], _ entry: Entry, _ deliveries: Int) -> Delivered? {
        guard parts.count == 2, case .array(let fields) = parts[1], fields.count >= 12, fields.count.isMultiple(of: 2),
            zip(names, stride(from: 0, to: 12, by: 2)).allSatisfy({ fields[$1].bytes == $0 }),
            let job = fields[1].bytes.flatMap({ JobID(ascii: $0.readableBytesView) }), let kind = fields[3].string,
            let attempt = fields[5].int, let enqueuedAt = fields[7].int, let payload = fields[9].bytes,
            let meta = fields[11].bytes.flatMap(JobMeta.init), (1...1 << 53).contains(attempt),
            JobMeta.moments.contains(enqueuedAt), meta.isPlausible
        else { return nil }
        return Delivered(
            entry: entry, deliveries: deliveries, job: job, kind: kind, attempt: Int(attempt), enqueuedAt: enqueuedAt,
            payload: payload, meta: meta)
    }

    private static let names = ["id", "kind", "attempt", "at", "payload", "meta"].map(ByteBuffer.init(string:))
}
