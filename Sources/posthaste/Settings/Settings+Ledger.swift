import JobRuntime
import Logging
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

    /// Refuses to run beside processes that keep a ledger, if this one does not, and the other way round.
    func layoutCheck(_ redis: RedisClient, _ logger: Logger) throws -> LayoutCheck {
        LayoutCheck(redis: redis, keys: keys, keepsLedger: try keepsLedger, logger: logger)
    }
}
