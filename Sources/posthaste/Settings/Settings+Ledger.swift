import JobRuntime
import Ledger
import Logging
import Postgres
import Redis

extension Settings {
    private static let postgresVariables = [
        "DATABASE_URL", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB",
    ]

    /// Whether a ledger is kept: events are written for it, and every worker takes its part in projecting them. As
    /// `LEDGER_ENABLED` says; else where Postgres is configured.
    var keepsLedger: Bool {
        get throws {
            let isPossible = Self.postgresVariables.contains { reader.text($0) != nil }
            let isWanted = try reader.value("LEDGER_ENABLED", expected: "true or false") { Bool($0.lowercased()) }
            if isWanted == true, !isPossible {
                throw SettingError(
                    variable: "LEDGER_ENABLED", expected: "true only beside DATABASE_URL, or POSTGRES_HOST and the like"
                )
            }
            return isWanted ?? isPossible
        }
    }

    /// Where the ledger is; nil where none is kept. Whether it can be reached is not asked.
    func postgres() throws -> PostgresConfiguration? {
        guard try keepsLedger else { return nil }
        if let url = reader.text("DATABASE_URL") {
            do {
                return try PostgresConfiguration(url: url)
            } catch {
                throw SettingError(variable: "DATABASE_URL", expected: "an address: \(error.message)")
            }
        }
        return PostgresConfiguration(
            host: reader.text("POSTGRES_HOST") ?? "127.0.0.1",
            port: try reader.integer("POSTGRES_PORT", in: 1...65535) ?? 5432,
            user: reader.text("POSTGRES_USER") ?? "messaging_user", password: reader.text("POSTGRES_PASSWORD"),
            database: reader.text("POSTGRES_DB") ?? "messaging_service",
            tls: try reader.choice("POSTGRES_SSLMODE") ?? .prefer, rootCertificate: reader.text("POSTGRES_SSLROOTCERT"))
    }

    /// Where the ledger is, for a command that is nothing without one.
    func ledgerDatabase() throws -> PostgresConfiguration {
        guard let configuration = try postgres() else {
            throw SettingError(
                variable: "DATABASE_URL", expected: "where the ledger is, or POSTGRES_HOST and the like")
        }
        return configuration
    }

    /// Refuses to run beside processes that keep a ledger, if this one does not, and the other way round.
    func layoutCheck(_ redis: RedisClient, _ logger: Logger) throws -> LayoutCheck {
        LayoutCheck(redis: redis, keys: keys, keepsLedger: try keepsLedger, logger: logger)
    }
}
