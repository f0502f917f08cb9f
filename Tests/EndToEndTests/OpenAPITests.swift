import AsyncHTTPClient
import Foundation
import Ledger
import NIOCore
import NIOHTTP1
import Postgres
import TestSupport
import Testing

/// A whole Posthaste, judged by schemathesis: whether it keeps what its OpenAPI document says, whatever it is asked.
/// `export POSTHASTE_JUDGES_PYTHON="$(scripts/judges/setup)"` lets the judge in.
@Suite(.timeLimit(.minutes(5))) struct OpenAPITests {
    private static let python = ProcessInfo.processInfo.environment["POSTHASTE_JUDGES_PYTHON"]

    private struct Key: Decodable {
        let key: String
        let entry: String
    }

    @Test(
        .enabled(
            if: python != nil, "POSTHASTE_JUDGES_PYTHON is unset; scripts/judges/setup prints what to set it to"))
    func theIngressKeepsWhatItsDocumentSays() async throws {
        let python = try #require(Self.python)
        let server = try await PrivatePostgres()
        let database = try await server.freshDatabase()
        let postgres = PostgresClient(database, connections: 1, logger: .quiet)
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
        let fleet = try await Fleet(settings: ["DATABASE_URL": server.url(database)])
        // What is made up must not be called: only the simulator's channels are served.
        _ = try await fleet.redis.command("SADD", "queues:paused", "message_queue:webhook")
        _ = try await fleet.startWorker()
        try await leaveSomethingBehind(fleet)

        let key: Key = try await fleet.answer("keys", "new", "judge", "--scopes", "send,read,operate")
        let port = try freePort()
        let url = "http://127.0.0.1:\(port)"
        _ = try fleet.start(
            "ingress",
            environment: [
                "API_PORT": "\(port)", "API_KEYS": key.entry + ":quota=1000000/d", "RATE_LIMIT_ENABLED": "true",
                "RATE_LIMIT_REQUESTS": "1000000", "AUTH_FAILURES_PER_MINUTE": "1000000", "PUBLIC_URL": url,
                "SENDGRID_WEBHOOK_PUBLIC_KEY": String(
                    decoding: try await fleet.simulated("sendgrid/public-key").body, as: UTF8.self),
                "VONAGE_SIGNATURE_SECRET": "a secret of the test",
            ])
        let ready = HTTPClientRequest(url: url + "/ready")
        try await eventually("the ingress is ready") {
            (try? await HTTPClient.shared.execute(ready, timeout: .seconds(30)).status) == .ok
        }
        let judge = try fleet.start(
            program: python, [Self.script],
            environment: ["INGRESS_URL": url, "INGRESS_KEY": key.key, "PYTHONDONTWRITEBYTECODE": "1"])
        #expect(await judge.wait() == 0, "\(judge.output)")
        #expect(judge.output.hasSuffix("judged: openapi\n"), "\(judge.output)")
    }

    /// A message that was sent, and dead ones: for the judge to find.
    private func leaveSomethingBehind(_ fleet: Fleet) async throws {
        _ = try await fleet.sendTexts(5, directive: "[simulate:status=400,code=21211]")
        try await fleet.allSent(try await fleet.sendTexts(1))
        try await eventually("there are dead letters") {
            let page = try await fleet.get("/api/v1/dead-letters/sms").body
            return String(decoding: page, as: UTF8.self).matches(of: /"redrivable":true/).count == 5
        }
        try await eventually("the ledger knows the messages") {
            let page = try await fleet.get("/api/v1/messages?status=failed,sent").body
            return String(decoding: page, as: UTF8.self).matches(of: /"created_at"/).count == 6
        }
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "scripts/judges/openapi_judge.py").path()
}
