import NIOCore
import Redis

@testable import JobRuntime

/// Everything that there is of a queue, in lines that can be compared and read.
struct Snapshot: Equatable {
    /// By what they tell of.
    var lines: [String: [String]] = [:]

    /// What is in one and not in the other, and in how far.
    func difference(to other: Snapshot) -> String {
        lines.keys.sorted().filter { lines[$0] != other.lines[$0] }.map { name in
            let (mine, others) = (lines[name] ?? [], other.lines[name] ?? [])
            let (more, less) = (mine.filter { !others.contains($0) }, others.filter { !mine.contains($0) })
            return """
                \(name), in Redis: \(more.isEmpty ? "nothing more, or another order" : "\(more)")
                \(name), in the model: \(less.isEmpty ? "nothing more, or another order" : "\(less)")
                """
        }.joined(separator: "\n")
    }
}

extension [String: String] {
    fileprivate var line: String { keys.sorted().map { "\($0)=\(self[$0] ?? "")" }.joined(separator: " ") }
}

extension QueueModel {
    /// - Parameter first: the first event that is told of.
    func snapshot(eventsFrom first: Int) -> Snapshot {
        var snapshot = Snapshot()
        for lane in Lane.allCases {
            snapshot.lines["stream \(lane)"] = self[lane].map { place in
                let job = jobs[place.job]
                return entry(place.job, job?.attempt ?? 0, job?.meta ?? Meta())
            }
            snapshot.lines["pending \(lane)"] = self[lane].compactMap { place in
                place.hold.map { hold in
                    "\(place.job) \(hold.consumer ?? KeySpace.released) \(hold.deliveries) \(hold.isLeft)"
                }
            }
        }
        for set in DelayedSet.allCases {
            snapshot.lines["\(set)"] = (delayed[set] ?? [:]).keys.sorted().map { "\($0)" }
        }
        snapshot.lines["dead"] = dead.map { letter in
            "\(entry(letter.job, letter.attempt, letter.meta)) reason=\(letter.reason) error=\(letter.error)"
        }
        snapshot.lines["records"] = records.keys.sorted().map { number in
            "\(number) \(records[number]?.fields.line ?? "") expires=\(records[number]?.expires ?? false)"
        }
        snapshot.lines["events"] = events[first...].map(\.line)
        return snapshot
    }

    private func entry(_ number: Int, _ attempt: Int, _ meta: Meta) -> String {
        Self.entry(
            number, ["attempt": "\(attempt)", "at": "\(jobs[number]?.since ?? 0)"], meta, payload: Self.payload(number))
    }

    fileprivate static func entry(_ number: Int, _ fields: [String: String], _ meta: Meta, payload: String) -> String {
        "\(number) attempt=\(fields["attempt"] ?? "") at=\(fields["at"] ?? "") \(meta.text) \(payload)"
    }
}

/// Reads what Redis has, in one step.
struct SnapshotReader {
    let bench: Bench
    /// Every job that there was, by number.
    var ids: [JobID] = []
    /// The last event that was read.
    private var lastEvent = "-"

    init(bench: Bench) { self.bench = bench }

    private static let script = RedisScript(
        name: "look",
        source: """
            local found = {}
            for i = 1, 3 do
                found[#found + 1] = redis.call('XRANGE', KEYS[i], '-', '+')
                found[#found + 1] = redis.call('XPENDING', KEYS[i], ARGV[1], '-', '+', 100000)
            end
            for i = 4, 5 do found[#found + 1] = redis.call('ZRANGE', KEYS[i], 0, -1) end
            found[#found + 1] = redis.call('XRANGE', KEYS[6], '-', '+')
            found[#found + 1] = redis.call('XRANGE', KEYS[7], ARGV[2], '+')
            for i = 8, #KEYS do
                found[#found + 1] = redis.call('HGETALL', KEYS[i])
                found[#found + 1] = redis.call('PTTL', KEYS[i])
            end
            return found
            """)

    mutating func look() async throws -> Snapshot {
        var call = ScriptCall(Self.script)
        for lane in Lane.allCases { call.key(bench.stream(lane)) }
        for set in DelayedSet.allCases { call.key(bench.keys.delayed("work", set)) }
        call.key(bench.keys.dead("work"))
        call.key(bench.keys.events)
        for id in ids { call.key(bench.keys.record(id)) }
        call.words(KeySpace.group, lastEvent)
        let found = try await bench.redis.run(call).array ?? []
        let numbers = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1.description, $0) })
        var look = Look(numbers: numbers)
        for (index, lane) in Lane.allCases.enumerated() {
            look.stream(found[2 * index], pending: found[2 * index + 1], of: lane)
        }
        for (index, set) in DelayedSet.allCases.enumerated() { look.delayed(found[6 + index], set) }
        look.letters(found[8])
        look.events(found[9])
        if let last = look.lastEvent { lastEvent = "(\(last)" }
        look.records(Array(found[10...]))
        return look.snapshot
    }
}

/// Puts what was read into lines.
private struct Look {
    let numbers: [String: Int]
    var snapshot = Snapshot()
    var lastEvent: String?
    /// Where each job stands in a stream, or among the dead letters.
    private var places: [Int: String] = [:]

    init(numbers: [String: Int]) { self.numbers = numbers }

    private func number(_ id: String?) -> Int { id.flatMap { numbers[$0] } ?? -1 }

    private func entries(_ value: RedisValue) -> [(id: String, fields: [String: String])] {
        (value.array ?? []).map { ($0.array?[0].string ?? "", $0.array?[1].map?.compactMapValues(\.string) ?? [:]) }
    }

    private func meta(_ json: String?) -> QueueModel.Meta {
        QueueModel.Meta(json.flatMap { JobMeta(json: .init(string: $0)) })
    }

    private mutating func entry(_ id: String, _ fields: [String: String]) -> String {
        let number = number(fields["id"])
        places[number] = id
        return QueueModel.entry(number, fields, meta(fields["meta"]), payload: fields["payload"] ?? "")
    }

    mutating func stream(_ value: RedisValue, pending: RedisValue, of lane: Lane) {
        let found = entries(value)
        let jobs = Dictionary(uniqueKeysWithValues: found.map { ($0.id, number($0.fields["id"])) })
        snapshot.lines["stream \(lane)"] = found.map { entry($0.id, $0.fields) }
        snapshot.lines["pending \(lane)"] = (pending.array ?? []).compactMap(\.array).map { row in
            let job = row[0].string.flatMap { jobs[$0] } ?? -1
            return "\(job) \(row[1].string ?? "") \(row[3].int ?? -1) \(row[2].int ?? 0 > 1_000_000)"
        }
    }

    mutating func delayed(_ value: RedisValue, _ set: DelayedSet) {
        snapshot.lines["\(set)"] = (value.array ?? []).map { number($0.string) }.sorted().map { "\($0)" }
    }

    mutating func letters(_ value: RedisValue) {
        snapshot.lines["dead"] = entries(value).map { id, fields in
            "\(entry(id, fields)) reason=\(fields["reason"] ?? "") error=\(fields["error"] ?? "")"
        }
    }

    mutating func events(_ value: RedisValue) {
        let found = entries(value)
        lastEvent = found.last?.id
        snapshot.lines["events"] = found.map { _, fields in
            var fields = fields
            fields["id"] = "\(number(fields["id"]))"
            for name in ["at", "due"] where fields[name] != nil { fields[name] = QueueModel.some }
            return fields.line
        }
    }

    /// A record of a queued or dead job names where it stands; any other may name where it stood.
    mutating func records(_ values: [RedisValue]) {
        snapshot.lines["records"] = stride(from: 0, to: values.count, by: 2).compactMap { index in
            guard var fields = values[index].map?.compactMapValues(\.string), !fields.isEmpty else { return nil }
            let isThere = ["queued", "dead", "unknown"].contains(fields["state"]) && fields["dropped"] == nil
            if let place = fields["entry"] {
                fields["entry"] = !isThere || places[index / 2] == place ? QueueModel.some : QueueModel.nowhere
            }
            let moments = ["settled", "due", "dropped", "report_at"] + fields.keys.filter { $0.hasPrefix("said:") }
            for name in moments where fields[name] != nil { fields[name] = QueueModel.some }
            if let json = fields["meta"] { fields["meta"] = meta(json).text }
            return "\(index / 2) \(fields.line) expires=\((values[index + 1].int ?? -1) > 0)"
        }
    }
}
