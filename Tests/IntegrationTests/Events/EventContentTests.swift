import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What the ledger reads of what the scripts write.
@Suite(.timeLimit(.minutes(5))) struct EventContentTests {
    private func readAll(_ bench: Bench) async throws -> [LedgerEvent] {
        let group = bench.ledger("reader")
        let events = try await group.read(count: 10_000, wait: .zero)
        await group.close()
        return events
    }

    @Test func everyEventOfEveryScriptIsReadWithAllItsFields() async throws {
        try await withBench(events: true) { bench in
            try await haveEverythingHappen(in: bench)
            let written = try await bench.entries(bench.keys.events)
            let events = try await readAll(bench)
            #expect(events.count == written.count)
            for (event, fields) in zip(events, written) {
                let job = try #require(event.job, "\(fields)")
                var expected = fields.filter { !$0.value.isEmpty || $0.key == "queue" }
                #expect(event.payload.map { String(buffer: $0) } == expected.removeValue(forKey: "data"))
                #expect(job.fields == expected)
            }
            #expect(
                Set(events.compactMap(\.job?.type)) == [
                    "accepted", "succeeded", "retrying", "snoozed", "parked", "dead", "unknown", "expired", "discarded",
                    "canceled", "redriven", "dropped", "reported",
                ])
        }
    }

    private func haveEverythingHappen(in bench: Bench) async throws {
        let verbs: [Settlement.Verb] = [
            .done(result: #"{"sid":1}"#), .retry(after: .seconds(60)), .snooze(for: .seconds(60)),
            .park(for: .seconds(60)), .dead(), .unknown, .expired(error: "too late"),
            .discarded(reason: .permanent, error: "nobody wants it"), .dead(), .unknown,
        ]
        let jobs = try await bench.delivered(verbs.count, to: "a")
        _ = try await bench.settle(Array(zip(jobs, verbs)), by: "a")
        let later = try await bench.enqueue(1, from: 50, lane: .low, start: .after(.seconds(600)))
        _ = try await bench.client.cancel(later[0])
        let letters = try await bench.store.deadLetters(of: "work", after: nil, limit: 10)
        #expect(try await bench.store.redrive(Array(letters.prefix(1)), of: "work") == [true])
        #expect(try await bench.store.drop(Array(letters[1...1]), of: "work") == [true])
        let proof = JobReport(name: "sent", rank: 80, detail: #"{"sid":2}"#, token: "SM1:sent", provesEffect: true)
        #expect(try await bench.client.report(proof, of: try #require(letters.last?.job)) == .applied)
        #expect(try await bench.client.report(proof, of: JobID()) == .notFound)
        let lost = try await bench.delivered(1, to: "a")
        try await bench.redis.ask("XDEL", bench.stream, "\(lost[0].entry)")
        _ = try await bench.settle([(lost[0], .dead())], by: "a")
    }

    @Test func payloadsComeAsTheyWereEnqueuedToTheByte() async throws {
        try await withBench(events: true) { bench in
            let payloads: [[UInt8]] = [
                [], Array("{\"text\":\"naïve — ✓\"}".utf8), Array(0...255), [13, 10, 36, 45, 49, 13, 10, 0],
                (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) },
            ]
            for payload in payloads {
                let job = NewJob(queue: bench.queue, kind: "raw", payload: ByteBuffer(bytes: payload))
                _ = try await bench.client.enqueue(job)
            }
            #expect(try await readAll(bench).map { $0.payload.map { Array($0.readableBytesView) } } == payloads)
        }
    }

    /// Whoever watches sees the same, without payloads, and takes nothing from the ledger.
    @Test func aWatcherBesideItTakesNothingAway() async throws {
        try await withBench(events: true) { bench in
            try await bench.redis.ask("XADD", bench.keys.tail, "*", "type", "watched")
            let jobs = try await bench.delivered(2, to: "a")
            _ = try await bench.settle(jobs.map { ($0, .done(result: "1")) }, by: "a")
            let seen = try await bench.entries(bench.keys.tail).dropFirst()
            let events = try await readAll(bench)
            #expect(events.compactMap(\.job?.fields) == seen.map { $0.filter { !$0.value.isEmpty } })
            #expect(events.prefix(2).allSatisfy { $0.payload != nil })
            #expect(events.dropFirst(2).allSatisfy { $0.job?.type == "succeeded" && $0.payload == nil })
        }
    }

    @Test func whatIsOfNoJobIsAnotherEvent() async throws {
        try await withBench { bench in
            try await bench.redis.ask(
                "XADD", bench.keys.events, "*", "type", "suppressed", "kind", "phone", "address", "+1555", "at", "7")
            let events = try await readAll(bench)
            #expect(
                events.map(\.content) == [
                    .other(type: "suppressed", fields: ["kind": "phone", "address": "+1555", "at": "7"])
                ])
        }
    }

    @Test(arguments: [
        (["hello", "world"], "type, id, queue, at, attempt"),
        (["type", "", "id", "\(JobID())", "queue", "q", "at", "1", "attempt", "1"], "type"),
        (["type", "dead", "id", "42", "queue", "q", "at", "1", "attempt", "1"], "id"),
        (["type", "dead", "id", "\(JobID())", "at", "now", "attempt", "1"], "queue, at"),
        (["type", "dead", "id", "\(JobID())", "queue", "q", "at", "1"], "attempt"),
    ])
    func whatSomebodyElseWroteIsShownAsItStands(fields: [String], missing: String) async throws {
        try await withBench { bench in
            try await bench.redis.ask(["XADD", bench.keys.events, "*"] + fields)
            try await bench.write(1)
            let events = try await readAll(bench)
            try #require(events.count == 2)
            guard case .unreadable(let shown, let why) = events[0].content else {
                Issue.record("read as \(events[0].content)")
                return
            }
            #expect(shown.flatMap { [$0.name, $0.value] } == fields)
            #expect(why == "no \(missing) that can be read")
            #expect(events[1].number == 0, "the next is read")
        }
    }

    /// A later version's events are read by this one as far as it knows them.
    @Test func whatALaterVersionAddsDoesNotDisturb() async throws {
        try await withBench { bench in
            let id = JobID()
            try await bench.redis.ask(
                "XADD", bench.keys.events, "*", "shard", "7", "type", "restored", "id", "\(id)", "queue", "q",
                "attempt",
                "2", "at", "5", "data", "{}", "lane", "sideways", "elapsed", "long")
            let event = try #require(try await readAll(bench).first)
            #expect(event.job == JobEvent("restored", id, queue: "q", at: Moment(5), attempt: 2))
            #expect(event.payload == ByteBuffer(string: "{}"))
        }
    }
}

extension JobEvent {
    /// As a script writes it.
    fileprivate var fields: [String: String] {
        [
            "type": type, "id": "\(id)", "queue": queue, "at": "\(at.milliseconds)", "attempt": "\(attempt)",
            "kind": kind, "lane": lane?.rawValue, "consumer": consumer, "deliveries": deliveries.map { "\($0)" },
            "elapsed": elapsed.map { "\($0)" }, "due": due.map { "\($0.milliseconds)" }, "reason": reason,
            "error": error, "result": result, "name": name, "rank": rank.map { "\($0)" }, "token": token,
        ].compactMapValues(\.self)
    }
}
