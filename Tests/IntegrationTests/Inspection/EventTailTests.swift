import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What a watcher sees.
@Suite struct EventTailTests {
    private struct Enough: Error {}

    /// Collects what happens while a body runs. The watcher is there when the body begins.
    private func watching(
        _ bench: Bench, _ body: (Locked<[JobEvent]>) async throws -> Void
    ) async throws {
        let seen = Locked<[JobEvent]>([])
        let tail = EventTail(redis: bench.redis, keys: bench.keys, logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tail.follow { events in seen.update { $0 += events } } }
            try await eventually("it watches") { try await isReading(bench) }
            try await body(seen)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// The watcher's connections that wait for events, as CLIENT LIST has them.
    private func readers(_ bench: Bench) async throws -> [Substring] {
        let clients = try await bench.redis.ask("CLIENT", "LIST").string ?? ""
        return clients.split(separator: "\n").filter { $0.contains(" name=posthaste-tail ") }
    }

    private func isReading(_ bench: Bench) async throws -> Bool {
        try await readers(bench).contains { $0.contains(" cmd=xread ") && $0.contains(" flags=b ") }
    }

    /// Also of a job that nobody knows (any more): that is what an operator looks for.
    @Test func whatIsReportedIsSeen() async throws {
        try await withOwnServer { bench in
            try await watching(bench) { seen in
                let job = try await bench.enqueue(1)[0]
                let stranger = JobID()
                for id in [job, stranger] {
                    let report = JobReport(name: "delivered", rank: 100, detail: "{}", token: "1")
                    _ = try await bench.client.report(report, of: id)
                }
                try await eventually("all is seen") { seen.value.count == 3 }
                let events = seen.value.dropFirst()
                #expect(events.map(\.type) == ["reported", "reported"])
                #expect(events.map(\.id) == [job, stranger])
                #expect(events.map(\.queue) == ["work", ""])
                #expect(events.allSatisfy { ($0.name, $0.rank, $0.result) == ("delivered", 100, "{}") })
            }
        }
    }

    @Test func everythingThatHappensIsSeenInOrder() async throws {
        try await withOwnServer { bench in
            try await watching(bench) { seen in
                let ids = try await bench.enqueue(1, lane: .high)
                let held = try await bench.deliver(1, to: "a", lane: .high)[0]
                _ = try await bench.settle([(held, .retry(after: .seconds(60)))], by: "a")
                _ = try await bench.client.cancel(ids[0])
                let other = try await bench.delivered(1, to: "b")[0]
                _ = try await bench.settle([(other, .dead())], by: "b")
                let letters = try await bench.store.deadLetters(of: "work", after: nil, limit: 1)
                _ = try await bench.store.redrive(letters, of: "work")
                try await eventually("all is seen") { seen.value.count == 6 }
                let events = seen.value
                try #require(
                    events.map(\.type) == ["accepted", "retrying", "canceled", "accepted", "dead", "redriven"])
                #expect(events.map(\.id) == [ids[0], ids[0], ids[0], other.job, other.job, other.job])
                #expect(events.allSatisfy { $0.queue == "work" })
                #expect((events[0].kind, events[0].lane, events[0].attempt) == ("note", .high, 1))
                let retry = events[1]
                #expect((retry.consumer, retry.deliveries, retry.elapsed, retry.error) == ("a", 1, 12, "busy"))
                #expect(try #require(retry.due).milliseconds == retry.at.milliseconds + 60_000)
                #expect((events[4].reason, events[4].error) == ("permanent", "no such number"))
            }
        }
    }

    @Test func payloadsAreNotShown() async throws {
        try await withOwnServer { bench in
            try await watching(bench) { seen in
                try await bench.enqueue(1)
                try await eventually("it is seen") { seen.value.count == 1 }
                let fields = try await bench.entries(bench.keys.tail)
                try #require(fields.count == 1)
                #expect(fields[0]["data"] == nil && fields[0]["payload"] == nil)
            }
        }
    }

    @Test func whileNobodyWatchesNothingIsWritten() async throws {
        try await withOwnServer { bench in
            try await bench.enqueue(1)
            #expect(try await !bench.redis.exists(bench.keys.tail))
            try await watching(bench) { _ in
                let life = try #require(try await bench.redis.ask("PTTL", bench.keys.tail).int)
                #expect((1...10_000).contains(life), "it goes by itself")
            }
            try await bench.redis.ask("DEL", bench.keys.tail)
            try await bench.enqueue(1, from: 1)
            #expect(try await !bench.redis.exists(bench.keys.tail))
        }
    }

    @Test func whatHappenedBeforeIsNotSeen() async throws {
        try await withOwnServer { bench in
            try await watching(bench) { first in
                try await bench.enqueue(1)
                try await eventually("the first sees it") { first.value.count == 1 }
                try await watching(bench) { second in
                    let id = try await bench.enqueue(1, from: 1)[0]
                    try await eventually("both see it") { second.value.count == 1 && first.value.count == 2 }
                    #expect(second.value.map(\.id) == [id])
                }
            }
        }
    }

    @Test func aConnectionThatIsCutIsMadeAnewAndNothingIsMissed() async throws {
        try await withOwnServer { bench in
            try await watching(bench) { seen in
                let first = try await bench.enqueue(1)[0]
                try await eventually("it is seen") { seen.value.count == 1 }
                try await eventually("it waits again") { try await isReading(bench) }
                let id = try #require(try await readers(bench).first?.firstMatch(of: /id=(\d+)/)?.1)
                #expect(try await bench.redis.ask("CLIENT", "KILL", "ID", "\(id)").int == 1)
                let second = try await bench.enqueue(1, from: 1)[0]
                try await eventually("the next is seen") { seen.value.count == 2 }
                #expect(seen.value.map(\.id) == [first, second])
            }
        }
    }

    @Test func aServerThatDiesAndComesBackIsWatchedOn() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(5)) { bench in
            try await watching(bench) { seen in
                await server.kill()
                try await server.start()
                try await eventually("it watches again") { (try? await isReading(bench)) == true }
                let id = try await bench.enqueue(1)[0]
                try await eventually("it is seen") { seen.value.map(\.id) == [id] }
            }
        }
    }

    @Test func whatTheBodyThrowsEndsIt() async throws {
        try await withOwnServer { bench in
            let tail = EventTail(redis: bench.redis, keys: bench.keys, logger: .quiet)
            await #expect(throws: Enough.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await tail.follow { _ in throw Enough() } }
                    try await eventually("it watches") { try await isReading(bench) }
                    try await bench.enqueue(1)
                    try await group.waitForAll()
                }
            }
            try await eventually("its connection is closed") { try await readers(bench).isEmpty }
        }
    }

    @Test func aServerThatIsNotThereIsSaidAtOnce() async throws {
        var nowhere = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: try freePort()))
        nowhere.commandTimeout = .seconds(1)
        try await withClient(nowhere) { redis in
            let tail = EventTail(redis: redis, keys: freshKeys(), logger: .quiet)
            let error = await #expect(throws: StoreError.self) { try await tail.follow { _ in } }
            #expect(error?.code == .unavailable)
        }
    }

    /// Watchers all have the same name among a server's clients.
    private func withOwnServer(_ body: (Bench) async throws -> Void) async throws {
        try await withBench(on: PrivateRedis(), body)
    }
}
