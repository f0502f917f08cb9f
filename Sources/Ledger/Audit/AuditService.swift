import JobRuntime
public import Logging
import Metrics
public import Postgres
public import ServiceLifecycle

/// Audits by itself every so often, in one process at a time, changes nothing, and tells what it finds: in the log where
/// something is wrong, and as metrics.
public struct AuditService: Service {
    private let auditor: Auditor
    private let postgres: PostgresClient
    private let interval: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - postgres: with a connection to spare: one is held while an audit runs.
    ///   - interval: between two audits, over all processes.
    public init(_ auditor: Auditor, postgres: PostgresClient, every interval: Duration, logger: Logger) {
        self.auditor = auditor
        self.postgres = postgres
        self.interval = interval
        self.logger = logger
    }

    public func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: interval)) != nil {
                do {
                    if try await isOurs() { tell(try await auditor.run()) }
                } catch {
                    logger.warning("The audit was not finished", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// Whether nobody else has audited in this interval.
    private func isOurs() async throws -> Bool {
        let seconds = Int64(interval / .seconds(1))
        let claim: PostgresQuery = """
            INSERT INTO ledger_state AS old (name, value) VALUES ('audited', extract(epoch FROM now())::bigint::text)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            WHERE old.value::bigint <= excluded.value::bigint - $1 * 9 / 10
            RETURNING name
            """
        return try await postgres.perform { try $0.query(claim, [.int(seconds)]).count == 1 }
    }

    private func tell(_ report: AuditReport) {
        for (name, count) in [
            ("missing", report.missing.count), ("behind", report.behind.count),
            ("unaccounted", report.unaccounted.count), ("undecided", report.undecided),
            ("open", report.openInAll), ("rejected", report.rejectedEvents),
            ("forgotten_suppressions", report.forgottenSuppressions),
        ] { Gauge(label: "ledger_audit_messages", dimensions: [("finding", name)]).record(count) }
        // Each audit is another process's: what an earlier one found still stands in its process's metrics.
        Gauge(label: "ledger_audit_timestamp_seconds").record(Int64.unixMilliseconds / 1000)
        guard !report.isBalanced || report.forgottenSuppressions > 0 else {
            return logger.info("The ledger balances", metadata: ["accepted": "\(report.accepted)"])
        }
        logger.error(
            "The ledger does not balance: posthaste audit names each message",
            metadata: [
                "missing": "\(report.missing.count)", "behind": "\(report.behind.count)",
                "unaccounted": "\(report.unaccounted.count)", "suppressions": "\(report.forgottenSuppressions)",
            ])
    }
}
