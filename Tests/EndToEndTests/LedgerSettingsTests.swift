import Postgres
import Redis
import TestSupport
import Testing

@testable import posthaste

/// Whether a ledger is kept.
@Suite struct LedgerSettingsTests {
    private func keepsLedger(_ variables: [String: String]) throws -> Bool {
        try Settings(SettingsReader(variables: variables)).keepsLedger
    }

    @Test func withoutPostgresThereIsNone() throws {
        #expect(try !keepsLedger([:]))
        #expect(try !keepsLedger(["LEDGER_ENABLED": "false"]))
    }

    @Test(arguments: [
        "DATABASE_URL", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB",
    ])
    func withPostgresThereIsOneUnlessItIsSwitchedOff(variable: String) throws {
        #expect(try keepsLedger([variable: "5432"]))
        #expect(try keepsLedger([variable: "5432", "LEDGER_ENABLED": "True"]))
        #expect(try !keepsLedger([variable: "5432", "LEDGER_ENABLED": "false"]))
        #expect(try !keepsLedger([variable: ""]))
    }

    @Test func oneWithNowhereToBeKeptIsRefused() throws {
        for (text, expected) in [
            ("true", "true only beside DATABASE_URL, or POSTGRES_HOST and the like"), ("on", "true or false"),
        ] {
            let error = #expect(throws: SettingError.self) { _ = try keepsLedger(["LEDGER_ENABLED": text]) }
            #expect(error?.description == "LEDGER_ENABLED: expected \(expected)")
        }
    }

    @Test func whereItIs() throws {
        func postgres(_ variables: [String: String]) throws -> PostgresConfiguration? {
            try Settings(SettingsReader(variables: variables)).postgres()
        }
        #expect(try postgres([:]) == nil)
        #expect(try postgres(["POSTGRES_HOST": "db", "LEDGER_ENABLED": "false"]) == nil)
        #expect(
            try postgres(["POSTGRES_HOST": "db"])
                == PostgresConfiguration(host: "db", user: "messaging_user", database: "messaging_service"))
        #expect(
            try postgres([
                "POSTGRES_PORT": "5433", "POSTGRES_USER": "me", "POSTGRES_PASSWORD": "word", "POSTGRES_DB": "mine",
                "POSTGRES_SSLMODE": "verify-full", "POSTGRES_SSLROOTCERT": "/ca.pem",
            ])
                == PostgresConfiguration(
                    port: 5433, user: "me", password: "word", database: "mine", tls: .verifyFull,
                    rootCertificate: "/ca.pem"))
        #expect(
            try postgres(["DATABASE_URL": "postgres://me:word@db/mine?sslmode=require", "POSTGRES_HOST": "other"])
                == PostgresConfiguration(host: "db", user: "me", password: "word", database: "mine", tls: .require))
    }

    @Test(arguments: [
        ("POSTGRES_PORT", "0"), ("POSTGRES_SSLMODE", "hunter2"), ("DATABASE_URL", "mysql://hunter2@db/mine"),
    ])
    func whatCannotBeReadIsNamedAndNotShown(variable: String, text: String) throws {
        let settings = try Settings(SettingsReader(variables: ["POSTGRES_HOST": "db", variable: text]))
        let error = #expect(throws: SettingError.self) { _ = try settings.postgres() }
        #expect(error?.description.hasPrefix("\(variable): expected ") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    /// From the ingress to a person's command: events are kept by all, or by none.
    @Test func theProcessesOfOneRedisAgree() async throws {
        let fleet = try await Fleet()
        #expect(try await fleet.redis.command("HGET", "posthaste:meta", "ledger").string == "false")
        let postgres = ["DATABASE_URL": "postgres://nobody@localhost/none", "API_PORT": "0"]
        for command in ["worker", "ingress"] {
            let answer = try await fleet.operate([command], environment: postgres)
            #expect(answer.code != 0)
            #expect(answer.output.contains("redis-cli HSET posthaste:meta ledger true"))
        }
        let id = try await fleet.send(["from": "+15551234567", "to": "+15559876543", "type": "sms", "body": "wait"])
        // Whoever types has no settings of Postgres: what is agreed on counts.
        #expect(try await fleet.redis.command("HSET", "posthaste:meta", "ledger", "true").int == 0)
        #expect(try await fleet.operate("cancel", id, "--yes").code == 0)
        let add = ["suppressions", "add", "--kind", "phone", "+15550001111"]
        #expect(try await fleet.operate(add).code == 0)
        #expect(try await fleet.redis.command("XLEN", "message_events").int == 2)
    }
}
