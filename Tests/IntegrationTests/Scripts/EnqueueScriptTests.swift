import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

@Suite struct EnqueueScriptTests {
    /// Calls the script for notes whose payload is their place in the list.
    ///
    /// - Returns: when, by Redis's clock.
    private func enqueue(_ ids: [JobID], in bench: Bench) async throws -> Int64 {
        let jobs = ids.enumerated().map { number, id in
            NewJob(id: id, queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{\"number\":\(number)}"))
        }
        return try await bench.store.enqueue(jobs[...], to: bench.queue, lane: .normal, limits: .none).at
    }

    @Test func anEntryHasItsFieldsInTheOrderOfTheContract() async throws {
        try await withBench(tracked: false, events: true) { bench in
            let id = JobID()
            let before = try await bench.redis.now()
            let at = try await enqueue([id], in: bench)
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
        try await withBench(tracked: false, events: true) { bench in
            let ids = (0..<3).map { _ in JobID() }
            _ = try await enqueue(ids, in: bench)
            #expect(try await bench.length() == 3)
            for id in ids { #expect(try await !bench.redis.exists(bench.keys.record(id))) }
            #expect(try await !bench.redis.exists(bench.keys.events))
        }
    }

    /// A job that has a record is a duplicate, were it made by the same call; without one it is not.
    @Test(arguments: [true, false]) func anIDThatACallHasTwice(isTracked: Bool) async throws {
        try await withBench(tracked: isTracked) { bench in
            let ids = (0..<3).map { _ in JobID() }
            _ = try await enqueue([ids[0]], in: bench)
            let jobs = [ids[0], ids[1], ids[2], ids[1]].map { id in
                NewJob(id: id, queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{\"number\":0}"))
            }
            let reply = try await bench.store.enqueue(jobs[...], to: bench.queue, lane: .normal, limits: .none)
            #expect(reply.exceptions.keys.sorted() == (isTracked ? [0, 3] : []))
            #expect(try await bench.length() == (isTracked ? 3 : 5))
        }
    }

    /// One that is to start later has a record, one whose time has come only where the queue is tracked.
    @Test func anIDThatAnUntrackedCallHasTwiceAndThatStartsLater() async throws {
        try await withBench(tracked: false) { bench in
            let (later, now) = (JobID(), JobID())
            let jobs =
                [(later, NewJob.Start.after(.seconds(60))), (later, .after(.seconds(60))), (now, .after(.zero))]
                + [(now, .after(.zero))]
            let new = jobs.map { id, start in
                var job = NewJob(id: id, queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{}"))
                job.start = start
                return job
            }
            let reply = try await bench.store.enqueue(new[...], to: bench.queue, lane: .normal, limits: .none)
            #expect(reply.exceptions.keys.sorted() == [1])
            #expect(try await bench.length() == 2)
        }
    }

    @Test func aTrackedJobHasARecordThatStandsAndHoldsThePayload() async throws {
        try await withBench { bench in
            let ids = (0..<3).map { _ in JobID() }
            let at = try await enqueue(ids, in: bench)
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

    @Test func whereEventsAreKeptTheyCarryThePayloadAndTheRecordHoldsIt() async throws {
        try await withBench(events: true) { bench in
            let ids = [JobID(), JobID()]
            let at = try await enqueue(ids, in: bench)
            let events = try await bench.entries(bench.keys.events)
            #expect(
                events
                    == ids.enumerated().map { number, id in
                        [
                            "type": "accepted", "id": "\(id)", "queue": "work", "kind": "note", "attempt": "1",
                            "at": "\(at)", "lane": "normal", "data": "{\"number\":\(number)}",
                        ]
                    })
            for (number, id) in ids.enumerated() {
                let record = try await bench.record(id)
                #expect(record["state"] == "queued")
                #expect(record["payload"] == "{\"number\":\(number)}")
            }
        }
    }

    @Test func aRepetitionPutsInOnlyWhatIsNotThere() async throws {
        try await withBench(events: true) { bench in
            let (first, second) = (JobID(), JobID())
            _ = try await enqueue([first], in: bench)
            _ = try await enqueue([first, second], in: bench)
            _ = try await enqueue([second, first], in: bench)
            let ids = try await bench.entries(bench.stream).compactMap { $0["id"] }
            #expect(ids == ["\(first)", "\(second)"])
            #expect(try await bench.entries(bench.keys.events).count == 2)
            #expect(try await bench.record(second)["entry"] != bench.record(first)["entry"])
        }
    }

    @Test func aRepetitionLeavesAJobAloneThatHasMovedOn() async throws {
        try await withBench { bench in
            let id = JobID()
            _ = try await enqueue([id], in: bench)
            let delivered = try await bench.deliver(1, to: "a")
            #expect(try await bench.settle([(delivered[0], .done)], by: "a") == [.settled])
            _ = try await enqueue([id], in: bench)
            #expect(try await bench.length() == 0)
            #expect(try await bench.record(id)["state"] == "done")
        }
    }

    @Test(arguments: [true, false])
    func eachLaneHasAStreamOfItsOwn(tracked: Bool) async throws {
        try await withBench(tracked: tracked, events: true) { bench in
            for (number, lane) in Lane.allCases.enumerated() {
                let id = try await bench.enqueue(1, from: number, lane: lane)[0]
                let stream = lane == .normal ? bench.keys.prefix + "work" : bench.keys.prefix + "work:\(lane)"
                let entry = try await bench.entries(stream).first
                #expect(entry?["id"] == "\(id)")
                #expect(entry?["meta"] == (lane == .normal ? "{}" : "{\"priority\":\"\(lane)\"}"))
                guard tracked else { continue }
                #expect(try await bench.record(id)["lane"] == (lane == .normal ? nil : "\(lane)"))
                #expect(try await bench.client.record(of: id)?.lane == lane)
                #expect(try await bench.entries(bench.keys.events).last?["lane"] == "\(lane)")
            }
        }
    }

    @Test func theStoreKnowsTheQueueFromItsFirstJobOn() async throws {
        try await withBench { bench in
            try await bench.enqueue(1)
            _ = try await bench.client.enqueue(NewJob(Note(number: 0), queue: JobQueue("other", isTracked: false)))
            #expect(try await bench.redis.hash(bench.keys.queues) == ["work": "tracked", "other": "untracked"])
        }
    }
}
