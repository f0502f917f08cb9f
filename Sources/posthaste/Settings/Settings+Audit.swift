import Delivery
import JobRuntime
import Ledger
import Logging
import Messaging
import Postgres
import Redis

extension Settings {
    func auditor(
        _ postgres: PostgresClient, _ redis: RedisClient, _ store: JobStore, keepsEvents: Bool, _ logger: Logger
    ) -> Auditor {
        let list = SuppressionList(DeliveryState(redis: redis, keys: keys, keepsEvents: keepsEvents))
        return Auditor(
            postgres: postgres, store: store,
            events: EventGroup(redis: redis, keys: keys, consumer: "audit", logger: logger),
            suppressions: WorkersList(list: list), logger: logger)
    }

    /// `AUDIT_INTERVAL_SECONDS`; nil: never.
    func auditInterval() throws -> Duration? {
        let seconds = try reader.integer("AUDIT_INTERVAL_SECONDS", in: 0...86_400) ?? 600
        return seconds == 0 ? nil : .seconds(seconds)
    }
}

/// The list that the workers go by.
private struct WorkersList: SuppressionKeeper {
    let list: SuppressionList

    func isSuppressed(_ kind: Suppression.Kind, _ address: String) async throws -> Bool {
        try await list.find(kind, address) != nil
    }

    func suppress(_ suppression: Suppression) async throws { try await list.add(suppression) }
}
