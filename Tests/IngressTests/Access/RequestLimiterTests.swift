import Delivery
import JobRuntime
import Logging
import NIOCore
import Redis
import TestSupport
import Testing

@testable import Ingress

@Suite struct RequestLimiterTests {
    private static func ask(_ keys: KeySpace, _ requests: Int, of caller: String = "shop") -> LimitAsk {
        LimitAsk(
            rate: LimitAsk.Rate(
                key: keys.rateLimit(of: caller, at: "GET:/x"), limit: RateLimit(requests: requests, period: 3600)))
    }

    /// Runs a body beside as many limiters, each with a connection of its own, as so many processes have.
    private static func run(
        _ count: Int, of server: PrivateRedis, logger: Logger = .quiet, timeout: Duration = .seconds(20),
        _ body: ([RequestLimiter], KeySpace) async throws -> Void
    ) async throws {
        let keys = freshKeys()
        let clients = (0..<count).map { _ in RedisClient(server.configuration, logger: .quiet) }
        let limiters = clients.map { RequestLimiter(redis: $0, keys: keys, timeout: timeout, logger: logger) }
        try await withThrowingTaskGroup { group in
            for client in clients { group.addTask { await client.run() } }
            for limiter in limiters { group.addTask { await limiter.run() } }
            defer { group.cancelAll() }
            try await body(limiters, keys)
        }
    }

    @Test func manyProcessesHaveOneLimit() async throws {
        try await Self.run(3, of: try await .shared()) { limiters, keys in
            let ask = Self.ask(keys, 500)
            let standings = await withTaskGroup(of: Standing?.self) { group in
                for number in 0..<1500 { group.addTask { await limiters[number % 3].admit(ask) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let admitted = standings.compactMap(\.self).filter { $0.verdict == .admitted }
            // Each was told another number of those that are left.
            #expect(admitted.compactMap(\.rate?.remaining).sorted() == Array(0..<500))
            #expect(standings.count { $0?.verdict == .overRate } == 1000)
        }
    }

    @Test func aThousandAddressesHaveALimitEach() async throws {
        try await Self.run(2, of: try await .shared()) { limiters, keys in
            let verdicts = await withTaskGroup(of: Standing.Verdict?.self) { group in
                for number in 0..<2000 {
                    let ask = Self.ask(keys, 1, of: "\(number % 1000)")
                    group.addTask { await limiters[number % 2].admit(ask)?.verdict }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(verdicts.count { $0 == .admitted } == 1000)
            #expect(verdicts.count { $0 == .overRate } == 1000)
        }
    }

    @Test(.timeLimit(.minutes(5))) func withoutRedisEverybodyIsLetInAndThatIsTold() async throws {
        let (server, lines) = (try await PrivateRedis(), LogLines())
        try await Self.run(1, of: server, logger: lines.logger, timeout: .milliseconds(50)) { limiters, keys in
            let (limiter, ask) = (limiters[0], Self.ask(keys, 1000))
            try await eventually("it counts") { await limiter.admit(ask) != nil }
            // Connections stand, and nothing answers.
            server.freeze()
            #expect(await limiter.admit(ask) == nil)
            for _ in 0..<100 { #expect(await limiter.admit(ask) == nil) }
            server.thaw()
            try await eventually("it counts again") { await limiter.admit(ask) != nil }
            await server.kill()
            try await eventually("it is away") { await limiter.admit(ask) == nil }
            try await server.start()
            // What was counted before is in its file.
            try await eventually("it counts where it was") {
                await limiter.admit(ask)?.rate.map { $0.remaining < 998 } ?? false
            }
        }
        // Once for each outage, not for each request.
        let told = lines.text.split(separator: "\n")
        let outages = told.count { $0.hasPrefix("warning limits are not checked") }
        #expect((2..<20).contains(outages), "\(lines.text)")
        #expect(told.count { $0.hasPrefix("notice limits are checked again") } == outages)
    }

    /// Who was refused is refused without Redis, until the time has come.
    @Test(.timeLimit(.minutes(5))) func aRefusalIsRemembered() async throws {
        let server = try await PrivateRedis()
        try await Self.run(1, of: server) { limiters, keys in
            let (limiter, ask) = (limiters[0], Self.ask(keys, 1))
            #expect(await limiter.admit(ask)?.verdict == .admitted)
            let first = await limiter.admit(ask)
            #expect(first?.verdict == .overRate)
            await server.kill()
            let second = await limiter.admit(ask)
            #expect(second?.verdict == .overRate)
            #expect(second?.rate?.reset == first?.rate?.reset)
            #expect((second?.rate?.wait ?? 0) <= (first?.rate?.wait ?? 0))
        }
    }

    @Test func refusalsEnd() async throws {
        let (refusals, ask) = (Refusals(), Self.ask(KeySpace(), 1))
        let rate = Standing.Rate(limit: RateLimit(requests: 1, period: 1), remaining: 0, wait: 20_000, reset: 1)
        refusals.add(ask, Standing(verdict: .overRate, rate: rate))
        try await eventually("it is forgotten") { refusals.standing(ask) == nil }
    }

    @Test func asManyRefusalsAsThereIsRoomFor() {
        let (refusals, keys) = (Refusals(), KeySpace())
        let rate = Standing.Rate(limit: RateLimit(requests: 1, period: 1), remaining: 0, wait: 60_000_000, reset: 1)
        let asks = (0...Refusals.capacity).map { Self.ask(keys, 1, of: "\($0)") }
        for ask in asks { refusals.add(ask, Standing(verdict: .overRate, rate: rate)) }
        #expect(asks.count { refusals.standing($0) != nil } == 1)
    }

    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:0:0:0:0/64"),
        ("2001:db8:1:2::", "2001:db8:1:2:0:0:0:0/64"), ("::1", "0:0:0:0:0:0:0:0/64"),
    ])
    func whomAnAddressStandsFor(address: String, subject: String) throws {
        #expect(ClientAddress.subject(of: IPAddress(parsing: address)) == subject)
        #expect(ClientAddress.subject(of: nil) == "unknown")
    }
}
