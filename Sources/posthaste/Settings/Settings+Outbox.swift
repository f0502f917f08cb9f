import Ingress
import JobRuntime
import Ledger
import Logging
import Postgres
import ServiceLifecycle

extension Settings {
    /// The address of a Postgres as one variable has it.
    func postgres(_ url: String, of variable: String) throws -> PostgresConfiguration {
        do throws(PostgresConfigurationError) {
            return try PostgresConfiguration(url: url)
        } catch {
            throw SettingError(variable: variable, expected: "an address: \(error.message)")
        }
    }
}

extension Settings {
    /// What moves messages from the outbox of an application into the queues, where `OUTBOX_DATABASE_URL` says.
    ///
    /// In the order in which they are started; Redis comes before them.
    func outbox(_ store: JobStore, _ logger: Logger) throws -> [any Service] {
        guard let url = reader.text("OUTBOX_DATABASE_URL") else { return [] }
        let (limits, acceptances) = (try limits(), try acceptances(logger))
        let client = JobClient(store: store, journal: acceptances?.journal) { _ in limits }
        let application = PostgresClient(
            try postgres(url, of: "OUTBOX_DATABASE_URL"), connections: 2, logger: logger)
        let ledger = try self.postgres().map { PostgresClient($0, connections: 1, logger: logger) }
        let relay = OutboxRelay(
            postgres: application, client: client, logger: logger,
            read: { try MessageDocument.job($0, id: $1) },
            isKnown: { id in if let ledger { try await Outbox.isKnown(id, in: ledger) } else { false } })
        return (acceptances?.services ?? []) + (ledger.map { [$0] } ?? []) + [client, application, relay]
    }
}
