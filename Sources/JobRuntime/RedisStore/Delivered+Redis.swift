import NIOCore
import Redis

extension Delivered {
    /// Reads `[id, [name, value, …]]`; the cursor goes on behind it, whatever it is.
    ///
    /// - Returns: nil when there is not even an id; an entry that is no job of ours where somebody else wrote it.
    static func read(_ cursor: inout RedisReply.Cursor, lane: Lane, deliveries: Int) -> Delivered? {
        var parts = cursor
        cursor.skip()
        guard let count = parts.array(), count > 0, let id = parts.text().flatMap(EntryID.init(ascii:)) else {
            return nil
        }
        let entry = Entry(lane, id)
        return (count == 2 ? job(&parts, entry, deliveries) : nil) ?? .foreign(entry, deliveries: deliveries)
    }

    /// The fields stand in one order always: `id kind attempt at payload meta`.
    private static func job(_ fields: inout RedisReply.Cursor, _ entry: Entry, _ deliveries: Int) -> Delivered? {
        guard let count = fields.array(), count >= 12, count.isMultiple(of: 2),
            fields.skip("id"), let job = fields.text().flatMap(JobID.init(ascii:)),
            fields.skip("kind"), let kind = fields.string(),
            fields.skip("attempt"), let attempt = fields.integer(), (1...1 << 53).contains(attempt),
            fields.skip("at"), let enqueuedAt = fields.integer(), JobMeta.moments.contains(enqueuedAt),
            fields.skip("payload"), let payload = fields.buffer(),
            fields.skip("meta"), let meta = fields.buffer().flatMap(JobMeta.init), meta.isPlausible
        else { return nil }
        return Delivered(
            entry: entry, deliveries: deliveries, job: job, kind: kind, attempt: Int(attempt), enqueuedAt: enqueuedAt,
            payload: payload, meta: meta)
    }
}
