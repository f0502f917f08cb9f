import Ledger
import Logging
import Postgres
import ServiceLifecycle

extension Settings {
    /// What keeps the ledger in order, where there is one: `BODY_RETENTION_DAYS` and `LEDGER_RETENTION_DAYS`.
    func housekeeping(_ logger: Logger) throws -> [any Service] {
        let retention = LedgerRetention(
            bodyDays: try reader.integer("BODY_RETENTION_DAYS", in: 1...36_500),
            days: try reader.integer("LEDGER_RETENTION_DAYS", in: 1...36_500))
        guard let configuration = try postgres() else { return [] }
        let postgres = PostgresClient(
            LedgerHousekeeper.configuration(from: configuration), connections: 1, logger: logger)
        return [postgres, LedgerHousekeeper(postgres: postgres, retention: retention, logger: logger)]
    }
}
