import Foundation
import Ledger
import Postgres
import TestSupport
import Testing

@testable import posthaste

/// `posthaste doctor` on real servers, good and bad.
@Suite(.timeLimit(.minutes(5))) struct DoctorProcessTests {
    private struct Answer: Decodable {
        struct Finding: Decodable {
            let about, level, seen: String
            let mend: String?
        }
        let findings: [Finding]
        let errors: Int

        func level(_ seen: String) -> String? { findings.first { $0.seen.hasPrefix(seen) }?.level }
    }

    private func doctor(_ fleet: Fleet, _ environment: [String: String] = [:]) async throws -> (Int32, Answer) {
        let command = try fleet.start("doctor", "--json", environment: environment)
        let code = await command.wait()
        return (code, try JSONDecoder().decode(Answer.self, from: Data(command.output.utf8)))
    }

    @Test func aRedisThatLosesMessagesIsFoundOut() async throws {
        let fleet = try await Fleet(settings: ["LOG_LEVEL": "info"])
        for (name, value) in [
            ("appendonly", "no"), ("maxmemory-policy", "allkeys-lru"), ("maxmemory", "20mb"), ("save", ""),
        ] { _ = try await fleet.redis.command("CONFIG", "SET", name, value) }
        let (code, answer) = try await doctor(fleet, ["ENQUEUE_DURABILITY": "replicated"])
        #expect(code == 1 && answer.errors == 3)
        #expect(answer.level("maxmemory-policy allkeys-lru") == "error")
        #expect(answer.level("appendonly no, and no snapshots") == "error")
        #expect(answer.level("0 replicas") == "error")
        #expect(answer.findings.contains { $0.seen.contains(" of 20 MiB used") && $0.level == "warning" })
        let mend = answer.findings.first { $0.seen.hasPrefix("maxmemory-policy") }?.mend ?? ""
        #expect(mend.hasPrefix("redis-cli -p \(fleet.redis.port) CONFIG SET maxmemory-policy noeviction"))
    }

    /// The simulator's providers let everybody in that has the right words.
    @Test func aGoodInstallationHasNoErrorsAndAProviderThatRefusesIsOne() async throws {
        let fleet = try await Fleet(settings: [
            "LOG_LEVEL": "info", "VONAGE_API_KEY": "key", "VONAGE_API_SECRET": "a-secret",
            "TWILIO_AUTH_TOKEN": "a-token",
        ])
        let simulator = "http://127.0.0.1:\(fleet.simulatorPort)"
        let (code, answer) = try await doctor(fleet, ["VONAGE_BASE_URL": simulator])
        #expect(code == 0 && answer.errors == 0, "\(answer)")
        #expect(answer.level("the account is active") == "ok")
        #expect(answer.level("the key may send mail") == "ok")
        #expect(answer.level("the account has money") == "ok")
        #expect(answer.level("as Redis has it") == "ok")
        let nobody = "http://127.0.0.1:\(try freePort())"
        let (bad, refused) = try await doctor(
            fleet, ["VONAGE_BASE_URL": nobody, "SMTP_URL": "smtp://127.0.0.1:\(try freePort())"])
        #expect(bad == 1)
        let level = Dictionary(refused.findings.map { ($0.about, $0.level) }) { max($0, $1) }
        #expect(level["vonage"] == "error" && level["smtp"] == "error" && level["twilio"] == "ok")
    }

    @Test func aLedgerThatIsNotMigratedIsFoundOut() async throws {
        let server = try await PrivatePostgres()
        let database = try await server.freshDatabase()
        let fleet = try await Fleet(settings: ["LOG_LEVEL": "info"])
        let url = ["DATABASE_URL": server.url(database)]
        let (code, answer) = try await doctor(fleet, url)
        #expect(code == 1 && answer.level("not migrated: ") == "error")
        #expect(answer.findings.first { $0.seen.hasPrefix("not migrated") }?.mend == "posthaste migrate")
        // Its Redis was begun without a ledger.
        #expect(answer.level("the other processes keep no ledger") == "error")
        let postgres = PostgresClient(database, connections: 1, logger: .quiet)
        try await Migrator(LedgerMigrations.all).run(on: postgres, logger: .quiet)
        #expect(try await doctor(fleet, url).1.level("migrations up to date") == "ok")
    }

    @Test func whatIsAwayIsAnErrorAndNotTheEnd() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-doctor-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let command = try ChildProcess(
            Fleet.executable, ["doctor"],
            environment: [
                "REDIS_URL": "redis://:hunter2@127.0.0.1:\(try freePort())",
                "DATABASE_URL": "postgres://me:hunter2@127.0.0.1:\(try freePort())/db",
            ], directory: directory)
        #expect(await command.wait() == 1)
        let text = command.output
        #expect(text.contains("ERROR    redis") && text.contains("ERROR    postgres") && !text.contains("hunter2"))
    }
}
