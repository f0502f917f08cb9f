import Redis

/// One stream of a queue, as its length and its group tell it.
struct StreamSummary: Equatable {
    var length = 0
    /// How many entries each consumer holds, of those that hold any; without what was handed back.
    var held: [String: Int] = [:]
    /// Entries that were handed back, and wait.
    var handedBack = 0
    /// Where the group has come to; nil when there is none yet.
    var lastDelivered: String?

    var pending: Int { held.values.reduce(0, +) }
    /// Never below zero, though the numbers are not all of one moment.
    var depth: Int { max(0, length - pending) }
}

extension RedisStore {
    func summary(of stream: String) async throws(StoreError) -> StreamSummary {
        var summary = StreamSummary()
        summary.length = Int(try await send(RedisCommand("XLEN", stream)).int ?? 0)
        do {
            let groups = try await send(RedisCommand("XINFO", "GROUPS", stream)).array?.compactMap(\.map) ?? []
            guard let group = groups.first(where: { $0["name"]?.string == KeySpace.group }) else { return summary }
            summary.lastDelivered = group["last-delivered-id"]?.string
            let pending = try await send(RedisCommand("XPENDING", stream, KeySpace.group)).array ?? []
            for row in pending.last?.array?.compactMap(\.array) ?? [] where row.count == 2 {
                guard let name = row[0].string, let count = row[1].int else { continue }
                if name == KeySpace.released {
                    summary.handedBack = Int(count)
                } else {
                    summary.held[name] = Int(count)
                }
            }
        } catch let error where error.code == .refused || error.code == .noGroup {
            // There is no such stream, or its group has just been destroyed.
        }
        return summary
    }

    /// Where the first entry after one stands that was not delivered to anybody.
    func firstEntry(of stream: String, after entry: String?) async throws(StoreError) -> EntryID? {
        let start = entry.map { "(\($0)" } ?? "-"
        let entries = try await send(RedisCommand("XRANGE", stream, start, "+", "COUNT", "1")).array ?? []
        return entries.first?.array?.first?.bytes.flatMap(EntryID.init)
    }

    /// Where the first entry stands that was handed back.
    func firstHandedBack(in stream: String) async throws(StoreError) -> EntryID? {
        let rows = try await pendingRows(of: stream, consumer: KeySpace.released, after: nil, limit: 1)
        return rows.first?.entry
    }

    /// A page of what a consumer holds in a stream whose group there is.
    func pendingRows(
        of stream: String, consumer: String, after: EntryID?, limit: Int
    ) async throws(StoreError) -> [PendingRow] {
        let start = after.map { "(\($0)" } ?? "-"
        let rows = try await send(
            RedisCommand("XPENDING", stream, KeySpace.group, start, "+", String(limit), consumer))
        return rows.array?.compactMap(PendingRow.init) ?? []
    }
}

/// A row of XPENDING.
struct PendingRow {
    var entry: EntryID
    /// Milliseconds since it was delivered or its lease extended.
    var idle: Int64
    var deliveries: Int

    init?(_ value: RedisValue) {
        guard let row = value.array, row.count == 4, let entry = row[0].bytes.flatMap(EntryID.init) else { return nil }
        self.entry = entry
        idle = row[2].int ?? 0
        deliveries = Int(row[3].int ?? 0)
    }
}

/// Asks all questions at once, on one connection; the answers stand in their order.
func together<Question: Sendable, Answer: Sendable>(
    _ questions: [Question], _ ask: @escaping @Sendable (Question) async throws(StoreError) -> Answer
) async throws(StoreError) -> [Answer] {
    let results = await withTaskGroup(of: (Int, Result<Answer, StoreError>).self) { group in
        for (index, question) in questions.enumerated() {
            group.addTask {
                do throws(StoreError) {
                    return (index, .success(try await ask(question)))
                } catch {
                    return (index, .failure(error))
                }
            }
        }
        return await group.reduce(into: []) { $0.append($1) }
    }
    var answers: [Answer] = []
    for (_, result) in results.sorted(by: { $0.0 < $1.0 }) { answers.append(try result.get()) }
    return answers
}
