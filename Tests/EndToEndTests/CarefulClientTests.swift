import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Careful clients: `posthaste send`, and those of `Examples`.
@Suite(.timeLimit(.minutes(5))) struct CarefulClientTests {
    private static let examples = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Examples")

    private let key = TestKey("shop", scopes: "send")

    /// Runs a client: one of the examples, or `posthaste send`.
    private func start(
        _ client: String, _ fleet: Fleet, body: String, idempotencyKey: String = "order-1", to: String = "+15559876543",
        key: String? = nil
    ) throws -> ChildProcess {
        let environment = [
            "POSTHASTE_URL": fleet.url, "POSTHASTE_API_KEY": key ?? self.key.text,
            "POSTHASTE_IDEMPOTENCY_KEY": idempotencyKey,
        ]
        guard client == "send" else {
            return try fleet.start(
                program: Self.examples.appending(path: client).path, [to, body], environment: environment)
        }
        return try fleet.start(
            "send", "--url", fleet.url, "--from", "+15551234567", "--to", to, "--wait", "60", "--idempotency-key",
            idempotencyKey, body, environment: environment)
    }

    private static let clients = ["send", "client.py", "client.sh"]

    @Test(arguments: clients)
    func itSendsOnceHoweverOftenItIsRun(client: String) async throws {
        let fleet = try await Fleet(settings: ["API_KEYS": key.entry])
        _ = try await fleet.startWorker()
        for _ in 0..<2 {
            let process = try start(client, fleet, body: "Your code is 123456")
            #expect(await process.wait() == 0, "\(process.output)")
            #expect(process.output.contains("sent"), "\(process.output)")
        }
        #expect(try await fleet.counts().twilio.accepted == 1)

        let wrong = try start(client, fleet, body: "a", idempotencyKey: "order-2", to: "nobody")
        #expect(await wrong.wait() != 0)
        #expect(wrong.output.contains("/to"), "\(wrong.output)")
        let nobody = try start(client, fleet, body: "b", key: "ph_wrong")
        #expect(await nobody.wait() != 0)
        #expect(nobody.output.contains("401"), "\(nobody.output)")
        #expect(!nobody.output.contains("ph_wrong"))
    }

    /// There is no room, and then there is: it comes again when it is told to.
    @Test(arguments: clients)
    func itComesAgainWhereThereIsNoRoom(client: String) async throws {
        let fleet = try await Fleet(settings: ["API_KEYS": key.entry, "QUEUE_MAX_DEPTH": "1"])
        #expect(try await fleet.text("in the way", headers: key.headers).status == 202)
        let process = try start(client, fleet, body: "after it")
        try await eventually("it is refused") {
            fleet.ingressOutput.contains(/"status":503/)
        }
        _ = try await fleet.startWorker()
        #expect(await process.wait() == 0, "\(process.output)")
        #expect(try await fleet.counts().twilio.accepted == 2)
    }

    /// More requests than are allowed: it waits, and nothing is lost or sent twice.
    @Test(arguments: clients)
    func itComesAgainAfterTooManyRequests(client: String) async throws {
        let fleet = try await Fleet(settings: [
            "API_KEYS": key.entry, "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "2", "RATE_LIMIT_PERIOD": "15",
            "RATE_LIMIT_TIMEOUT_MS": "10000",
        ])
        _ = try await fleet.startWorker()
        for number in 0..<2 { _ = try await fleet.text("one of \(number)", headers: key.headers) }
        let process = try start(client, fleet, body: "after them")
        #expect(await process.wait() == 0, "\(process.output)")
        #expect(fleet.ingressOutput.contains(/"status":429/))
        #expect(try await fleet.counts().twilio.accepted == 3)
    }

    @Test func sendTakesItsKeyFromAFileAndSaysWhenThereIsNone() async throws {
        let fleet = try await Fleet(settings: ["API_KEYS": key.entry])
        let file = fleet.redis.directory.appending(path: "key")
        try Data("\(key.text)\n".utf8).write(to: file)
        let words = ["send", "--url", fleet.url, "--from", "+15551234567", "--to", "+15559876543", "--key-file"]
        let good = try await fleet.operate(words + [file.path, "Hello"])
        #expect(good.code == 0 && good.output.contains(#""status":"pending""#), "\(good.output)")
        let none = try await fleet.operate(words + [file.path + "-not", "Hello"])
        #expect(none.code == 64 && none.output.contains("--key-file"), "\(none.output)")
        // Without a worker the time runs out.
        let waiting = try await fleet.operate(words + [file.path, "--wait", "2", "Hello"])
        #expect(waiting.code == 1 && waiting.output.contains(#""status":"pending""#), "\(waiting.output)")
    }
}
