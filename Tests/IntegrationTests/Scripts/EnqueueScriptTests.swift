import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct EnqueueScriptTests {
    /// Calls the script for notes whose payload is their place in the list.
    private func enqueue(_ ids: [JobID], in bench: Bench, events: Bool = false) async throws -> Int64? {
        let tracked = bench.queue.isTracked
        let records = tracked ? ids.map { bench.keys.record($0) } : []
        let jobs = ids.enumerated().flatMap { ["\($1)", "note", "{\"number\":\($0)}", "{}"] }
        let flags = [tracked, events].map { $0 ? "1" : "0" }
        return try await bench.run(
            Scripts.enqueue, keys: [bench.stream, bench.keys.events] + records, ["work"] + flags + jobs
        ).int
    }

    @Test func anEntryHasItsFieldsInTheOrderOfTheContract() async throws {
        try await withBench(tracked: false) { bench in
            let id = JobID()
            let before = try await bench.redis.now()
            let at = try #require(try await enqueue([id], in: bench, events: true))
            #expect(try await (before...bench.redis.now()).contains(at), "Redis's clock tells the time")
            let entry = try #require(try await bench.redis.ask("XRANGE", bench.stream, "-", "+").array?.first?.array)
            #expect(
                entry[1].array?.compactMap(\.string) == [
                    "id", "\(id)", "kind", "note", "attempt", "1", "at", "\(at)", "payload", "{\"number\":0}", "meta",
                    "{}",
                ])
        }
    }

    @Test func anUntrackedJobIsItsEntryAndNothingElse() async throws {
        try await withBench(tracked: false) { bench in
            let ids = (0..<3).map { _ in JobID() }
            _ = try await enqueue(ids, in: bench, events: true)
            #expect(try await bench.length() == 3)
            for id in ids { #expect(try await !bench.redis.exists(bench.keys.record(id))) }
            #expect(try await !bench.redis.exists(bench.keys.events))
        }
    }

    @Test func aTrackedJobHasARecordThatStandsAndHoldsThePayload() async throws {
        try await withBench { bench in
            let ids = (0..<3).map { _ in JobID() }
            let at = try #require(try await enqueue(ids, in: bench))
            let entries = try await bench.redis.ask("XRANGE", bench.stream, "-", "+").array ?? []
            for (number, id) in ids.enumerated() {
                #expect(
                    try await bench.record(id) == [
                        "state": "queued", "queue": "work", "entry": entries[number].array?[0].string ?? "",
                        "attempt": "1", "at": "\(at)", "kind": "note", "payload": "{\"number\":\(number)}",
                    ])
                #expect(try await bench.redis.ask("PTTL", bench.keys.record(id)).int == -1)
            }
            #expect(try await !bench.redis.exists(bench.keys.events))
        }
    }

    @Test func whereEventsAreKeptTheEventCarriesThePayload() async throws {
        try await withBench { bench in
            let ids = [JobID(), JobID()]
            let at = try #require(try await enqueue(ids, in: bench, events: true))
            let events = try await bench.entries(bench.keys.events)
            #expect(
                events
                    == ids.enumerated().map { number, id in
                        [
                            "type": "accepted", "id": "\(id)", "queue": "work", "kind": "note", "attempt": "1",
                            "at": "\(at)", "data": "{\"number\":\(number)}",
                        ]
                    })
            for id in ids {
                let record = try await bench.record(id)
                #expect(record["state"] == "queued")
                #expect(record["payload"] == nil)
            }
        }
    }

    @Test func aRepetitionPutsInOnlyWhatIsNotThere() async throws {
        try await withBench { bench in
            let (first, second) = (JobID(), JobID())
            _ = try await enqueue([first], in: bench, events: true)
            _ = try await enqueue([first, second], in: bench, events: true)
            _ = try await enqueue([second, first], in: bench, events: true)
            let ids = try await bench.entries(bench.stream).compactMap { $0["id"] }
            #expect(ids == ["\(first)", "\(second)"])
            #expect(try await bench.entries(bench.keys.events).count == 2)
            #expect(try await bench.record(second)["payload"] == nil)
            #expect(try await bench.record(second)["entry"] != bench.record(first)["entry"])
        }
    }

    @Test func aRepetitionLeavesAJobAloneThatHasMovedOn() async throws {
        try await withBench { bench in
            let id = JobID()
            _ = try await enqueue([id], in: bench)
            let delivered = try await bench.deliver(1, to: "a")
            #expect(try await bench.settle([(delivered[0], .done(result: ""))], by: "a") == [1])
            _ = try await enqueue([id], in: bench)
            #expect(try await bench.length() == 0)
            #expect(try await bench.record(id)["state"] == "done")
        }
    }
}
