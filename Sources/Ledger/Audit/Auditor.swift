public import JobRuntime
public import Logging
import Messaging
public import Postgres

/// Compares the ledger with Redis, message by message, beside live traffic: whatever was accepted must have ended, or be
/// somewhere.
///
/// Both are looked at while they move. What seems wrong is looked at again after the ledger has read every event there was
/// at the first look; only what is then still wrong counts.
public struct Auditor: Sendable {
    let postgres: PostgresClient
    let store: JobStore
    let events: EventGroup
    let suppressions: any SuppressionKeeper
    let logger: Logger
    /// How long to wait for the ledger to read what there is.
    public var patience: Duration = .seconds(30)

    /// - Parameters:
    ///   - postgres, store: must be running.
    ///   - events: of any consumer; nothing is read with it.
    public init(
        postgres: PostgresClient, store: JobStore, events: EventGroup, suppressions: any SuppressionKeeper,
        logger: Logger
    ) {
        self.postgres = postgres
        self.store = store
        self.events = events
        self.suppressions = suppressions
        self.logger = logger
    }

    /// - Parameter repairs: puts back what is missing: with the attempts it had, and known to its handler as perhaps sent.
    public func run(repairs: Bool = false) async throws -> AuditReport {
        var report = AuditReport()
        let open = try await snapshot(&report)
        var suspects: [OpenMessage] = []
        for page in open.pages {
            for (message, location) in zip(page, try await store.locate(page.map { ($0.id, $0.queue) })) {
                if let place = location.place {
                    report.open[place, default: 0] += 1
                } else {
                    suspects.append(message)
                }
            }
        }
        try await judge(suspects, &report)
        let (strangers, present) = try await walk(lookingFor: Set(report.missing.map(\.id)))
        report.excuse(present)
        // First who is to get nothing, then what is to be sent.
        try await auditSuppressions(&report, repairs: repairs)
        if repairs { try await repair(&report) }
        try await judge(strangers, &report)
        return report
    }

    /// The counts and the open messages of one moment.
    private func snapshot(_ report: inout AuditReport) async throws -> [OpenMessage] {
        let (ended, open, rejected) = try await postgres.perform { session in
            try session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            let ended = try session.query(AuditQueries.counts).map {
                (try $0.text("status"), Int(try $0.int("messages")))
            }
            let open = try session.query(AuditQueries.open, [.texts(AuditQueries.openStatuses)])
                .map { try OpenMessage($0) }
            let rejected = try session.query(AuditQueries.rejected).first?.int("events") ?? 0
            try session.script("COMMIT")
            return (ended, open, Int(rejected))
        }
        report.ended = Dictionary(uniqueKeysWithValues: ended)
        report.rejectedEvents = rejected
        return open
    }

    /// The same server, asked with the time-outs of somebody who counts all there is.
    public static func configuration(from other: PostgresConfiguration) -> PostgresConfiguration {
        var configuration = other
        configuration.statementTimeout = .seconds(600)
        return configuration
    }

    /// Whether the ledger has read, in time, every event that there is now.
    func ledgerCatchesUp() async throws -> Bool {
        guard let last = try await events.backlog().last else { return true }
        let deadline = ContinuousClock.now + patience
        while try await !events.isKept(through: last) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(100))
        }
        return true
    }

    /// First Redis is asked again, and then the ledger, once it has read all that had happened by then.
    private func judge(_ suspects: [OpenMessage], _ report: inout AuditReport) async throws {
        guard !suspects.isEmpty else { return }
        let locations = try await store.locate(suspects.map { ($0.id, $0.queue) })
        guard try await ledgerCatchesUp() else { return report.undecided = suspects.count }
        let open = try await stillOpen(suspects)
        for (message, location) in zip(suspects, locations) {
            var finding = AuditReport.Finding(
                id: message.id, queue: message.queue, status: message.status, what: location.words)
            if let place = location.place {
                report.open[place, default: 0] += 1
            } else if let lacksEvents = open[PostgresUUID(message.id)] {
                if lacksEvents { finding.what += "; an event of it was set aside (rejected_events)" }
                switch location {
                case .finished: report.behind.append(finding)
                case _ where lacksEvents: report.behind.append(finding)
                case _ where message.isYoung: report.open[.moving, default: 0] += 1
                default: report.missing.append(finding)
                }
            } else {
                report.open[.moving, default: 0] += 1
            }
        }
    }

    /// Those of them that are open still, and whether the ledger lacks events of them.
    private func stillOpen(_ messages: [OpenMessage]) async throws -> [PostgresUUID: Bool] {
        var open: [PostgresUUID: Bool] = [:]
        for page in messages.pages {
            let ids = page.map { PostgresUUID($0.id) }
            let found = try await postgres.perform { session in
                try session.query(AuditQueries.stillOpen, [.uuids(ids)]).map {
                    (try $0.uuid("id"), try $0.bool("lacks_events"))
                }
            }
            open.merge(found) { $1 }
        }
        return open
    }
}

// MARK: - From the other side

extension Auditor {
    private struct Stranger {
        var id: JobID
        var queue: String
    }

    /// Goes through all jobs of the message queues.
    ///
    /// - Returns: those that have no row of an acceptance, and which of those that are looked for are there.
    private func walk(lookingFor missing: Set<JobID>) async throws -> (strangers: [Stranger], present: Set<JobID>) {
        var (strangers, present) = ([Stranger](), Set<JobID>())
        for queue in Channel.allCases.map(\.queueName) {
            for part in [.stream(.high), .stream(.normal), .stream(.low), .retry, .scheduled, .dead] as [QueuePart] {
                var cursor: QueuePage.Cursor?
                repeat {
                    let page = try await store.jobs(in: queue, part: part, after: cursor)
                    strangers += try await unknown(page.ids).map { Stranger(id: $0, queue: queue) }
                    present.formUnion(missing.intersection(page.ids))
                    cursor = page.next
                } while cursor != nil
            }
        }
        return (strangers, present)
    }

    private func unknown(_ ids: [JobID]) async throws -> [JobID] {
        guard !ids.isEmpty else { return [] }
        let keys = ids.map { PostgresUUID($0) }
        let known = Set(
            try await postgres.perform { session in
                try session.query(AuditQueries.known, [.uuids(keys)]).map { try $0.uuid("id") }
            })
        return ids.filter { !known.contains(PostgresUUID($0)) }
    }

    /// What is older than all that the ledger keeps is not looked for there.
    private func judge(_ strangers: [Stranger], _ report: inout AuditReport) async throws {
        guard !strangers.isEmpty, try await ledgerCatchesUp() else { return }
        let oldest = try await postgres.perform { session in
            try session.query(AuditQueries.oldest).first?.intIfAny("starts_at") ?? 0
        }
        var seen: Set<JobID> = []
        for page in strangers.pages {
            let unknown = Set(try await unknown(page.map(\.id)))
            for (job, location) in zip(page, try await store.locate(page.map { ($0.id, $0.queue) }))
            where unknown.contains(job.id) && job.id.milliseconds >= oldest && location.place != nil
                && seen.insert(job.id).inserted
            {
                report.unaccounted.append(
                    AuditReport.Finding(
                        id: job.id, queue: job.queue, status: "", what: "the ledger has no acceptance of it"))
            }
        }
    }
}

extension Array {
    /// Pieces of what one question takes.
    var pages: [ArraySlice<Element>] {
        stride(from: 0, to: count, by: 500).map { self[$0..<Swift.min($0 + 500, count)] }
    }
}
