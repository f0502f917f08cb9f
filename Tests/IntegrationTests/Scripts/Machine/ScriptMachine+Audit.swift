import NIOCore
import Redis

@testable import JobRuntime

// Somebody deletes by hand, and an audit finds out and mends it. Only of tracked queues can it be found out.
extension ScriptMachine {
    mutating func lose() async throws {
        let losable = model.losable
        guard model.isTracked, !losable.isEmpty else { return }
        let number = pick(losable)
        let isForgotten = isOne(in: 2)
        log.append("\(number) is deleted\(isForgotten ? ", with its record" : "")")
        let (id, record) = ("\(ids[number])", bench.keys.record(ids[number]))
        if let set = DelayedSet.allCases.first(where: { model.delayed[$0]?[number] != nil }) {
            try await bench.redis.ask("ZREM", bench.keys.delayed("work", set), id)
        } else if let lane = model.jobs[number]?.lane {
            let entry = try await bench.redis.ask("HGET", record, "entry").string ?? ""
            try await bench.redis.ask("XDEL", bench.stream(lane), entry)
        }
        if isForgotten { try await bench.redis.ask("DEL", record) }
        model.lose(number, isForgotten: isForgotten)
    }

    mutating func restore() async throws {
        let chosen = some(Array(ids.indices), upTo: 4)
        guard model.isTracked, !chosen.isEmpty else { return }
        let now = try await bench.redis.now()
        let lost = chosen.map { number in
            RestoredJob(
                id: ids[number], queue: bench.queue, kind: Note.kind,
                payload: ByteBuffer(string: QueueModel.payload(number)),
                attempt: Int.random(in: 1...3, using: &random), enqueuedAt: Int64.random(in: 1...1000, using: &random),
                lane: pick(Lane.allCases), start: isOne(in: 3) ? now + 3_600_000 : nil)
        }
        log.append("restore \(zip(chosen, lost).map { "\($0) as \($1.attempt) \($1.lane) \($1.start != nil)" })")
        let found = try await bench.store.restore(lost, to: bench.queue)
        let expected = zip(chosen, lost).map { model.restore($0, as: $1) }
        try agree("restored", found: found, expected: expected)
    }

    mutating func locate() async throws {
        guard model.isTracked else { return }
        log.append("locate all")
        let found = try await bench.store.locate(ids, in: "work")
        try agree("locations", found: found, expected: ids.indices.map(model.location))
    }
}
