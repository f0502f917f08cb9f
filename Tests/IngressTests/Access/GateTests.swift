import HTTPTypes
import HummingbirdTesting
import JobRuntime
import Logging
import NIOCore
import Redis
import TestSupport
import Testing

@testable import Ingress

/// Who may come in, without limits.
@Suite struct GateKeyTests {
    private let both = KeyText.made("shop")
    private let reader = KeyText.made("dashboard", "read")
    private let ended = KeyText.made("old", "send+read:expires=2020-01-01")

    private func client() throws -> Client {
        var client = Client()
        client.access.keys = APIKeys(try KeyRing(list: "\(both.entry) \(reader.entry) \(ended.entry)"))
        return client
    }

    private static let unknown = "/api/v1/messages/019b76da-a3ff-7000-8000-000000000000"

    private func status(_ headers: HTTPFields) async throws -> Int {
        try await client().execute(.get, Self.unknown, headers: headers).status
    }

    @Test func aKeyOpensWhatItsScopesName() async throws {
        #expect(try await status([.authorization: "Bearer \(both.key)"]) == 404)
        #expect(try await status([.authorization: "bearer  \(both.key)"]) == 404)
        #expect(try await status([.apiKey: both.key]) == 404)
        // What a proxy has put there is not for us.
        #expect(try await status([.authorization: "Basic eDp5", .apiKey: both.key]) == 404)
        let sent = try await client().execute(
            .post, "/api/v1/messages/send", headers: [.contentType: "application/json", .apiKey: both.key],
            body: ByteBuffer(string: SendRouteTests.sms))
        #expect(sent.status == 202)
    }

    /// The same answer whatever it was.
    @Test func whoHasNoKeyIsToldNothing() async throws {
        let client = try client()
        var bodies: [[String: JSON]] = []
        for headers: HTTPFields in [
            [:], [.authorization: "Bearer \(KeyText.random())"], [.authorization: "Bearer hunter2"],
            [.authorization: "Bearer"], [.authorization: "Bearer "], [.authorization: both.key], [.apiKey: ""],
            [.authorization: "Bearer \(ended.key)"], [.apiKey: ended.key], [.apiKey: "\(both.key)x"],
            [.authorization: "Bearer \(KeyText.random())", .apiKey: both.key],
        ] {
            let answer = try await client.execute(.get, Self.unknown, headers: headers)
            #expect(answer.status == 401)
            #expect(answer.headers[.wwwAuthenticate] == "Bearer")
            _ = try answer.problem()
            var body = try answer.object()
            #expect(body.removeValue(forKey: "request_id") != nil)
            bodies.append(body)
        }
        #expect(bodies.count == 11)
        #expect(bodies.allSatisfy { $0 == bodies[0] })
    }

    @Test func aScopeThatIsMissingIsNamed() async throws {
        let client = try client()
        let answer = try await client.execute(
            .post, "/api/v1/messages/send", headers: [.contentType: "application/json", .apiKey: reader.key],
            body: ByteBuffer(string: SendRouteTests.sms))
        #expect(answer.status == 403)
        #expect(try answer.problem().detail.contains("send"))
        #expect(client.jobs.isEmpty)
    }

    @Test(arguments: ["/health", "/ready"]) func whatIsOpenStaysOpen(path: String) async throws {
        #expect(try await client().get(path).status == 200)
    }

    @Test func aProviderHasASignatureInPlaceOfAKey() async throws {
        let answer = try await client().execute(.post, "/api/v1/webhooks/twilio")
        #expect(answer.status != 401)
    }
}

/// How often callers may come in.
@Suite struct GateLimitTests {
    private let key = KeyText.made("shop", "send+read:quota=3/d")

    /// A client with a limit of so many requests.
    private func run(
        _ intake: FakeIntake = FakeIntake(), rate: RateLimit? = RateLimit(requests: 5, period: 3600),
        withKeys: Bool = true, _ body: (Client, RequestLimiter) async throws -> Void
    ) async throws {
        let server = try await PrivateRedis.shared()
        try await withClient(server.configuration) { redis in
            let limiter = RequestLimiter(redis: redis, keys: freshKeys(), timeout: .seconds(20), logger: .quiet)
            var client = Client(intake)
            client.access = AccessRules(
                keys: withKeys ? APIKeys(try KeyRing(list: key.entry)) : nil, limiter: limiter, rate: rate,
                failures: RateLimit(requests: 3, period: 3600))
            try await body(client, limiter)
        }
    }

    private func send(_ client: Client, _ json: String = SendRouteTests.sms) async throws -> Answer {
        try await client.execute(
            .post, "/api/v1/messages/send", headers: [.contentType: "application/json", .apiKey: key.key],
            body: ByteBuffer(string: json))
    }

    @Test func everyAnswerSaysHowMuchIsLeft() async throws {
        try await run(rate: RateLimit(requests: 50, period: 60)) { client, _ in
            for (number, json) in [SendRouteTests.sms, "{", "{}", SendRouteTests.sms].enumerated() {
                let answer = try await send(client, json)
                #expect(answer.status == [202, 400, 422, 202][number])
                #expect(answer.headers[.limit("X-RateLimit-Limit")] == "50")
                #expect(answer.headers[.limit("X-RateLimit-Remaining")] == "\(49 - number)")
                let reset = Int64(answer.headers[.limit("X-RateLimit-Reset")] ?? "") ?? 0
                #expect(abs(reset - Int64.unixMilliseconds / 1000) <= 61)
                let policy = answer.headers[.limit("RateLimit-Policy")]
                #expect(policy == #""requests";q=50;w=60, "messages";q=3;w=86400"#)
                // What was refused is not counted as a message.
                let messages = [2, 2, 2, 1][number]
                let state = try #require(answer.headers[.limit("RateLimit")])
                #expect(
                    state.wholeMatch(of: /"requests";r=(\d+);t=\d+, "messages";r=(\d+);t=\d+/).map {
                        "\($0.1) \($0.2)"
                    } == "\(49 - number) \(messages)")
            }
        }
    }

    @Test func tooManyRequestsAreRefused() async throws {
        try await run { client, _ in
            let path = "/api/v1/messages/019b76da-a3ff-7000-8000-000000000000"
            for _ in 0..<5 { #expect(try await client.execute(.get, path, headers: [.apiKey: key.key]).status == 404) }
            let answer = try await client.execute(.head, path, headers: [.apiKey: key.key])
            #expect(answer.status == 429)
            let refused = try await client.execute(.get, path, headers: [.apiKey: key.key])
            #expect(refused.status == 429)
            #expect(try refused.problem().type == "urn:posthaste:problem:rate-limited")
            let members = try refused.object()
            #expect(members["error"] == "Rate limit exceeded")
            #expect(members["message"] == "Too many requests. Please try again later.")
            #expect(members["violated-policies"] == ["requests"])
            let wait = Int(refused.headers[.retryAfter] ?? "") ?? 0
            #expect((1...3600).contains(wait))
            #expect(refused.headers[.limit("X-RateLimit-Remaining")] == "0")
            #expect(refused.headers[.limit("RateLimit")]?.hasPrefix(#""requests";r=0;t="#) == true)
            // Each endpoint has a limit of its own; what is open has none.
            #expect(try await send(client).status == 202)
            for _ in 0..<10 { #expect(try await client.get("/health").status == 200) }
        }
    }

    @Test func aQuotaIsUsedUp() async throws {
        try await run(rate: nil) { client, _ in
            for _ in 0..<3 { #expect(try await send(client).status == 202) }
            let answer = try await send(client)
            #expect(answer.status == 429)
            let problem = try answer.problem()
            #expect(problem.type == "urn:posthaste:problem:quota-exceeded")
            #expect(problem.detail.contains("3 messages in a calendar day (UTC), and none is left"))
            #expect(problem.detail.wholeMatch(of: /.*begins at \d{4}-\d\d-\d\dT00:00:00.*Z\./) != nil)
            #expect(try answer.object()["violated-policies"] == ["messages"])
            #expect((1...86_400).contains(Int(answer.headers[.retryAfter] ?? "") ?? 0))
            // No rate is limited here.
            #expect(answer.headers[.limit("X-RateLimit-Limit")] == nil)
            #expect(client.jobs.count == 3)
            let read = try await client.execute(
                .get, "/api/v1/messages/\(client.jobs[0].id)", headers: [.apiKey: key.key])
            #expect(read.status == 200)
        }
    }

    /// A queue that took nothing cost nothing; one that may have taken the message did.
    @Test(arguments: [(FakeIntake.Behaviour.unavailable, 503, 503), (.uncertain, 500, 429)])
    func whatTheQueueDidNotTakeIsGivenBack(behaviour: FakeIntake.Behaviour, status: Int, last: Int) async throws {
        try await run(FakeIntake(behaviour), rate: nil) { (client: Client, _: RequestLimiter) async throws in
            for _ in 0..<3 { #expect(try await send(client).status == status) }
            #expect(try await send(client).status == last)
        }
    }

    @Test func aHandlerTakesAsManyAsItHas() async throws {
        try await run { client, limiter in
            let quota = try #require(Quota("10/d"))
            let meter = MessageMeter(limiter, LimitAsk.Share(key: limiter.keys.quota(of: "batch"), quota: quota))
            try await meter.take(6)
            try await meter.take(2)
            await meter.giveBack(3)
            #expect(meter.standing?.remaining == 5)
            let problem = await #expect(throws: Problem.self) { try await meter.take(6) }
            #expect(problem?.detail.contains("only 5 are left, not 6") == true)
            try await meter.take(5)
            await meter.giveBackAll()
            await meter.giveBackAll()
            #expect(meter.standing?.remaining == 10)
        }
    }

    @Test func withoutKeysAnAddressIsTheCaller() async throws {
        try await run(withKeys: false) { client, _ in
            var client = client
            client.setup = .live
            for number in 0..<5 {
                // What a client says of itself is not asked.
                let answer = try await client.execute(
                    .get, "/api/v1/messages/counts", headers: [.limit("X-Forwarded-For"): "192.0.2.\(number)"])
                #expect(answer.status == 501)
                #expect(answer.headers[.limit("X-RateLimit-Remaining")] == "\(4 - number)")
            }
            #expect(try await client.get("/api/v1/messages/counts").status == 429)
        }
    }

    /// Those without a key have a limit of their own, which no one else's request counts for.
    @Test func whoTriesKeysIsStoppedAndNobodyElse() async throws {
        try await run { client, _ in
            let path = "/api/v1/messages/019b76da-a3ff-7000-8000-000000000000"
            func attempt(_ key: String) async throws -> Answer {
                try await client.execute(.get, path, headers: [.apiKey: key])
            }
            for _ in 0..<3 { #expect(try await attempt(KeyText.random()).status == 401) }
            let answer = try await attempt(KeyText.random())
            #expect(answer.status == 429)
            #expect(try answer.problem().type == "urn:posthaste:problem:rate-limited")
            #expect(Int(answer.headers[.retryAfter] ?? "").map { (1...3600).contains($0) } == true)
            #expect(try await attempt(key.key).status == 404)
            #expect(try await attempt("").status == 429)
        }
    }

    @Test(.timeLimit(.minutes(5))) func withoutRedisThereIsNoLimitAndNoneIsTold() async throws {
        let redis = RedisClient(RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: 1)), logger: .quiet)
        var client = Client()
        client.access.limiter = RequestLimiter(
            redis: redis, keys: KeySpace(), timeout: .milliseconds(20), logger: .quiet)
        client.access.rate = RateLimit(requests: 1, period: 60)
        for _ in 0..<3 {
            let answer = try await client.send(SendRouteTests.sms)
            #expect(answer.status == 202)
            #expect(!answer.headers.contains { $0.name.rawName.lowercased().contains("ratelimit") })
        }
    }
}

extension HTTPField.Name {
    static func limit(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .accept }
}
