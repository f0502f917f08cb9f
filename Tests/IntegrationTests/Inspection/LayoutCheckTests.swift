import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// All processes use the keys in the same way.
@Suite(.timeLimit(.minutes(5))) struct LayoutCheckTests {
    private func check(_ bench: Bench, ledger: Bool) -> LayoutCheck {
        LayoutCheck(redis: bench.redis, keys: bench.keys, keepsLedger: ledger, logger: .quiet)
    }

    @Test(arguments: [true, false])
    func theFirstStartSaysHowAndTheNextAgrees(ledger: Bool) async throws {
        try await withBench { bench in
            #expect(try await LayoutCheck.keepsLedger(redis: bench.redis, keys: bench.keys) == nil)
            try await check(bench, ledger: ledger).check()
            let meta = ["layout": "1", "partitions": "1", "ledger": "\(ledger)"]
            #expect(bench.keys.meta == bench.keys.prefix + "posthaste:meta")
            #expect(try await bench.redis.hash(bench.keys.meta) == meta)
            try await check(bench, ledger: ledger).check()
            #expect(try await bench.redis.hash(bench.keys.meta) == meta)
            #expect(try await LayoutCheck.keepsLedger(redis: bench.redis, keys: bench.keys) == ledger)
        }
    }

    @Test func whatRedisHasLostItIsToldAgain() async throws {
        try await withBench { bench in
            var check = check(bench, ledger: true)
            check.renewal = .milliseconds(10)
            try await withThrowingTaskGroup { group in
                group.addTask { [check] in try await check.run() }
                for _ in 1...2 {
                    try await eventually("it is written down") { try await bench.redis.exists(bench.keys.meta) }
                    try await bench.redis.ask("DEL", bench.keys.meta)
                }
                try await eventually("again") { try await bench.redis.hash(bench.keys.meta)["ledger"] == "true" }
                // Somebody else was faster after the loss: that ends nobody who works.
                try await bench.redis.ask("HSET", bench.keys.meta, "ledger", "false")
                try await bench.redis.ask("HDEL", bench.keys.meta, "layout")
                try await eventually("it goes on") { try await bench.redis.hash(bench.keys.meta)["layout"] == "1" }
                #expect(try await bench.redis.hash(bench.keys.meta)["ledger"] == "false")
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: [true, false])
    func whoDisagreesIsEndedAndToldWhatToDo(ledger: Bool) async throws {
        try await withBench { bench in
            try await check(bench, ledger: ledger).check()
            let error = await #expect(throws: LayoutDisagreement.self) { try await check(bench, ledger: !ledger).run() }
            let text = try #require(error.map { "\($0)" })
            #expect(text.contains("ledger is \(ledger), and this process is set to \(!ledger)"))
            let key = bench.keys.prefix + "posthaste:meta"
            #expect(text.contains("stop every process") && text.contains("redis-cli HSET \(key) ledger \(!ledger)"))
            #expect(try await bench.redis.hash(bench.keys.meta)["ledger"] == "\(ledger)")
            // What it says helps.
            try await bench.redis.ask("HSET", key, "ledger", "\(!ledger)")
            try await check(bench, ledger: !ledger).check()
        }
    }

    @Test func anotherLayoutIsRefusedAndNotTalkedAway() async throws {
        try await withBench { bench in
            try await bench.redis.ask("HSET", bench.keys.meta, "layout", "2", "partitions", "8")
            let error = await #expect(throws: LayoutDisagreement.self) { try await check(bench, ledger: true).run() }
            #expect(error?.disagreements.map(\.name) == ["layout", "partitions"])
            let text = try #require(error.map { "\($0)" })
            #expect(text.contains("layout is 2") && text.contains("partitions is 8") && !text.contains("HSET"))
        }
    }

    @Test func inADatabaseTheRemedyNamesIt() {
        let error = LayoutDisagreement(
            disagreements: [.init(name: "ledger", found: "true", wanted: "false")], key: "a:posthaste:meta", database: 3
        )
        #expect("\(error)".contains("`redis-cli -n 3 HSET a:posthaste:meta ledger false`"))
    }

    /// Whichever comes first: all that want the same go on, all others end.
    @Test func tenThatStartAtOnceAgreeOnOne() async throws {
        try await withBench { bench in
            let passed = await withTaskGroup(of: (Bool, Bool).self) { group in
                for number in 0..<10 {
                    let wants = number.isMultiple(of: 2)
                    group.addTask { (wants, (try? await check(bench, ledger: wants).check()) != nil) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let agreed = try await bench.redis.hash(bench.keys.meta)["ledger"] == "true"
            #expect(passed.count == 10 && passed.allSatisfy { wants, hasPassed in hasPassed == (wants == agreed) })
        }
    }

    /// Redis may come later than its users.
    @Test func itWaitsForRedisAndGoesOnUntilItIsStopped() async throws {
        let server = try await PrivateRedis()
        await server.kill()
        try await withBench(on: server, commandTimeout: .seconds(5)) { bench in
            let running = Task { try await check(bench, ledger: true).run() }
            try await server.start()
            try await eventually("it has written down how") {
                (try? await bench.redis.hash(bench.keys.meta))?["ledger"] == "true"
            }
            running.cancel()
            try await running.value
        }
    }

    @Test func itIsStoppedWhileItWaits() async throws {
        var nowhere = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: try freePort()))
        nowhere.commandTimeout = .seconds(1)
        try await withClient(nowhere) { redis in
            let waiting = Task { try await LayoutCheck(redis: redis, keepsLedger: true, logger: .quiet).run() }
            waiting.cancel()
            try await waiting.value
        }
    }

    /// A full Redis is emptied by processes that must be able to start.
    @Test func aFullRedisIsNoObstacle() async throws {
        try await withBench(on: PrivateRedis()) { bench in
            try await bench.redis.ask("CONFIG", "SET", "maxmemory", "1")
            await #expect(throws: RedisError.self) { try await bench.redis.ask("SET", "more", "x") }
            try await check(bench, ledger: true).check()
            #expect(try await bench.redis.hash(bench.keys.meta)["ledger"] == "true")
        }
    }

    @Test func aRedisThatRefusesEndsIt() async throws {
        try await withBench { bench in
            try await bench.redis.ask("SET", bench.keys.meta, "something else")
            let error = await #expect(throws: StoreError.self) { try await check(bench, ledger: true).run() }
            #expect(error?.code == .refused)
        }
    }
}
