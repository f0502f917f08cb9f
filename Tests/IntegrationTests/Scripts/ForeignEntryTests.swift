import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// Entries that somebody else wrote into a work stream.
@Suite struct ForeignEntryTests {
    private let verb = Settlement.Verb.dead(state: .dead, reason: .undecodable, error: "no job")

    private func foreign(_ fields: [String], in bench: Bench) async throws -> Delivered {
        try await bench.redis.ask(["XADD", bench.stream, "*"] + fields)
        let entry = try await bench.deliver(1, to: "a")[0]
        #expect(!entry.isJob)
        return entry
    }

    @Test(arguments: [true, false])
    func theyGoToTheDeadLettersWithEveryFieldTheyHad(tracked: Bool) async throws {
        try await withBench(tracked: tracked, events: true) { bench in
            let entry = try await foreign(["hello", "world", "n", "1"], in: bench)
            #expect(try await bench.settle([(entry, verb)], by: "a") == [.settled])
            #expect(try await bench.isEmpty())
            let letter = try #require(try await bench.entries(bench.keys.dead("work")).first)
            #expect(letter["hello"] == "world")
            #expect(letter["n"] == "1")
            #expect(letter["reason"] == "undecodable")
            let keys = try await bench.redis.ask("KEYS", bench.keys.prefix + "*").array?.compactMap(\.string) ?? []
            let streams = Lane.allCases.map { bench.stream($0) }
            #expect(Set(keys) == Set(streams + [bench.keys.dead("work"), bench.keys.queues]), "no record, no event")
        }
    }

    @Test func aFieldCalledIDMakesNoRecordOfAJobThatNeverWas() async throws {
        try await withBench(events: true) { bench in
            let entry = try await foreign(["id", "17", "text", "hello"], in: bench)
            #expect(try await bench.settle([(entry, verb)], by: "a") == [.settled])
            #expect(try await bench.deadCount() == 1)
            let keys = try await bench.redis.ask("KEYS", bench.keys.prefix + "*").array?.compactMap(\.string) ?? []
            let streams = Lane.allCases.map { bench.stream($0) }
            #expect(Set(keys) == Set(streams + [bench.keys.dead("work"), bench.keys.queues]), "no record, no event")
        }
    }

    @Test func oneOfVeryManyFieldsDoesNotStopTheSettling() async throws {
        try await withBench { bench in
            let entry = try await foreign((0..<5000).flatMap { ["f\($0)", "x"] }, in: bench)
            #expect(try await bench.settle([(entry, verb)], by: "a") == [.settled])
            #expect(try await bench.isEmpty())
            let letters = try await bench.entries(bench.keys.dead("work"))
            #expect(letters.map { $0["reason"] } == ["undecodable"])
            #expect(letters.first?["entry"]?.contains("f4999") == true)
        }
    }

    /// Fields that look like a job's, with numbers that cannot be calculated with.
    @Test func noneEndsTheWorkerThatMeetsIt() async throws {
        try await withBench { bench in
            let (odd, runs) = ("\(Int64.min)", Runs())
            let changes = [
                (7, odd), (7, "\(Int64.max)"), (5, "0"), (5, "\(Int.max)"), (5, "-1"),
                (11, "{\"parked_at\":\(odd)}"), (11, "{\"snoozes\":\(Int.max)}"), (11, "{\"redriven_at\":\(odd)}"),
            ]
            for (place, text) in changes {
                for kind in ["note", "unheard-of"] {
                    var fields = [
                        "id", "\(JobID())", "kind", kind, "attempt", "1", "at", "1", "payload", "{\"number\":0}",
                        "meta", "{}",
                    ]
                    fields[place] = text
                    try await bench.redis.ask(["XADD", bench.stream, "*"] + fields)
                }
            }
            let handlers = JobHandlers.notes(runs) { note, _ in
                note.number == 0 ? .snooze(for: .seconds(60), reason: "not yet") : .succeeded()
            }
            try await running(bench.worker(handlers)) {
                try await bench.enqueue(1, from: 1)
                try await eventually("all are settled") { try await bench.isEmpty() }
            }
            #expect(runs.numbers == [1])
            let letters = try await bench.entries(bench.keys.dead("work"))
            #expect(letters.map { $0["reason"] } == Array(repeating: "undecodable", count: 2 * changes.count))
        }
    }
}
