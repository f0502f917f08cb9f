import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// `scripts/verify-redis-queue` beside a Posthaste that runs, and beside one that lacks something.
@Suite(.timeLimit(.minutes(5))) struct VerifyScriptTests {
    private static let checks = [
        "Sync Processing Disabled", "Message Queued to Redis", "Async Processing Mode", "Worker Processed Message",
        "Webhook Integration", "Queue Operations",
    ]

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "scripts/verify-redis-queue").path

    private func verify(_ fleet: Fleet, _ extra: [String: String] = [:]) async throws -> CommandAnswer {
        let usual = ["POSTHASTE": Fleet.executable, "PUBLIC_URL": "https://messages.test"]
        let process = try fleet.start(program: Self.script, [], environment: usual.merging(extra) { $1 })
        return CommandAnswer(code: await process.wait(), output: process.output)
    }

    /// The lines of the checks, without what is told of those that pass.
    private func verdicts(_ answer: CommandAnswer) -> [String] {
        answer.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
    }

    private func passes(but others: [Int: String] = [:]) -> [String] {
        Self.checks.indices.map { others[$0] ?? "✓ PASS - \(Self.checks[$0])" }
    }

    /// A worker that is as fast as can be never makes a check fail.
    @Test func allPassesAgainAndAgain() async throws {
        let fleet = try await Fleet(settings: ["PUBLIC_URL": "https://messages.test"])
        for _ in 0..<2 { _ = try await fleet.startWorker() }
        for _ in 0..<5 {
            let answer = try await verify(fleet)
            #expect(answer.code == 0)
            #expect(verdicts(answer) == passes(), "\(answer.output)")
        }
        let key = ["TWILIO_AUTH_TOKEN": ""]
        let unsigned = try await verify(fleet, key)
        #expect(unsigned.code == 0)
        let skipped =
            "– SKIP - Webhook Integration: callbacks cannot be signed without TWILIO_AUTH_TOKEN and PUBLIC_URL"
        #expect(verdicts(unsigned) == passes(but: [4: skipped]), "\(unsigned.output)")
        let forged = try await verify(fleet, ["TWILIO_AUTH_TOKEN": "another"])
        #expect(forged.code == 1)
        #expect(forged.output.contains("✗ FAIL - Webhook Integration: the signature is not taken"), "\(forged.output)")
        #expect(try await fleet.counts().twilio.accepted == 7)
    }

    /// A provider that calls back at once, maybe before the worker has said that it is sent.
    @Test func aProviderThatCallsBackAtOnceDisturbsNothing() async throws {
        let fleet = try await LedgerFleet().fleet
        let (port, simulatorPort) = (try freePort(), try freePort())
        let url = "http://127.0.0.1:\(port)"
        _ = try fleet.start(
            "simulate", "--port", "\(simulatorPort)", "--twilio-token", "token", "--delivers-after", "1")
        _ = try fleet.start("ingress", environment: ["API_PORT": "\(port)", "PUBLIC_URL": url])
        _ = try await fleet.startWorker([
            "TWILIO_BASE_URL": "http://127.0.0.1:\(simulatorPort)", "PUBLIC_URL": url,
        ])
        for address in [url + "/ready", "http://127.0.0.1:\(simulatorPort)/"] {
            try await eventually("\(address) answers") {
                (try? await HTTPClient.shared.get(url: address).get())?.status.code == 200
            }
        }
        for _ in 0..<5 {
            let answer = try await verify(fleet, ["API_URL": url, "PUBLIC_URL": url])
            #expect(answer.code == 0)
            #expect(verdicts(answer) == passes(), "\(answer.output)")
        }
    }

    @Test func withoutAWorkerThatIsSaidAndNothingIsSentLater() async throws {
        let fleet = try await Fleet(settings: ["PUBLIC_URL": "https://messages.test"])
        let answer = try await verify(fleet, ["VERIFY_TIMEOUT": "3"])
        #expect(answer.code == 1)
        let said =
            "✗ FAIL - Worker Processed Message: no worker took it within 3 s: no worker is alive: start one, make"
            + " worker-bg"
        #expect(verdicts(answer) == passes(but: [3: said]), "\(answer.output)")
        _ = try await fleet.startWorker()
        try await fleet.allSent([try await fleet.send(Fleet.text.merging(["body": "another"]) { $1 })])
        #expect(try await fleet.counts().twilio.accepted == 1)
    }

    /// Even then a worker sends it, after it was queued.
    @Test func anIngressThatHasItsClientsWaitIsToldFromOneThatSends() async throws {
        let key = TestKey("verifier")
        let fleet = try await Fleet(settings: [
            "PUBLIC_URL": "https://messages.test", "SYNC_MESSAGE_PROCESSING": "true", "API_KEYS": key.entry,
        ])
        _ = try await fleet.startWorker()
        let answer = try await verify(fleet, ["API_KEY": key.text])
        #expect(answer.code == 1)
        let said =
            "✗ FAIL - Sync Processing Disabled: the ingress has its clients wait for the outcome (wait=30): unset"
            + " SYNC_MESSAGE_PROCESSING, and make restart-app"
        #expect(verdicts(answer) == passes(but: [0: said]), "\(answer.output)")
        let nobody = try await verify(fleet)
        #expect(nobody.code == 2 && nobody.output.contains("set API_KEY"), "\(nobody.output)")
    }

    @Test func whatIsNotThereIsNamed() async throws {
        let fleet = try await Fleet()
        // Not a free port: another test might take it meanwhile.
        let ingress = try await verify(fleet, ["API_PORT": "1"])
        #expect(ingress.code == 2 && ingress.output.contains("start it, make run-bg"), "\(ingress.output)")
        let redis = try await verify(fleet, ["REDIS_URL": "unix:///nowhere/redis.sock"])
        #expect(redis.code == 2 && redis.output.contains("Redis cannot be reached"), "\(redis.output)")
    }
}
