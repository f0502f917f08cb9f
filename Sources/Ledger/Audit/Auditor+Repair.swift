import FoundationEssentials
import JobRuntime
public import Messaging
import NIOCore
import Postgres

/// The list of suppressions that the workers go by, as an audit needs it.
public protocol SuppressionKeeper: Sendable {
    func isSuppressed(_ kind: Suppression.Kind, _ address: String) async throws -> Bool

    /// Puts an address on the list. One that is on it stays.
    func suppress(_ suppression: Suppression) async throws
}

extension Auditor {
    /// Puts back what is missing.
    func repair(_ report: inout AuditReport) async throws {
        var repair = report.repair ?? AuditReport.Repair()
        for page in report.missing.pages {
            let stored = try await contents(of: page.map(\.id))
            var jobs: [RestoredJob] = []
            for finding in page {
                switch stored[finding.id] {
                case .whole(let job): jobs.append(job)
                case .incomplete(let why): repair.left.append(finding.because(why))
                case nil: repair.left.append(finding.because("the ledger has it no more"))
                }
            }
            var repeated: [JobID] = []
            for (job, result) in zip(jobs, try await store.restore(jobs)) {
                switch result {
                case .restored: repair.restored.append(job.id)
                case .repeated: repeated.append(job.id)
                case .found(let location):
                    guard location.place == nil, let finding = page.first(where: { $0.id == job.id }) else { continue }
                    repair.left.append(finding.because(location.words))
                }
            }
            try await withdraw(repeated)
            repair.withdrawn += repeated
        }
        report.repair = repair
    }

    /// Who asked for these has asked again, and got another message in their stead.
    private func withdraw(_ ids: [JobID]) async throws {
        guard !ids.isEmpty else { return }
        try await postgres.transaction { try JournalQueries.withdraw(ids, $0) }
    }

    private enum Stored {
        case whole(RestoredJob)
        case incomplete(String)
    }

    private func contents(of ids: [JobID]) async throws -> [JobID: Stored] {
        let keys = ids.map { PostgresUUID($0) }
        let rows = try await postgres.perform { session in
            try session.query(AuditQueries.contents, [.uuids(keys)]).map {
                (JobID(try $0.uuid("id")), try Self.stored($0))
            }
        }
        return Dictionary(rows) { first, _ in first }
    }

    private static func stored(_ row: PostgresRow) throws -> Stored {
        guard let payload = try row.textIfAny("payload") else { return .incomplete("its content was redacted") }
        let channel = try Messaging.Channel(row)
        let extract = PayloadExtract(payload)
        if try !row.bool("is_whole") && extract.lacksFiles {
            return .incomplete("the contents of its files are not in the ledger")
        }
        var job = RestoredJob(
            id: JobID(try row.uuid("id")), queue: JobQueue(channel.queueName), kind: channel.rawValue,
            payload: ByteBuffer(string: payload), attempt: Int(try row.int("attempts")) + 1,
            enqueuedAt: try row.time("accepted_at"))
        job.lane = try row.textIfAny("priority").flatMap(Lane.init) ?? .normal
        job.start = try row.timeIfAny("scheduled_at")
        job.expiresAt = extract.expiresAt.flatMap { Moment($0)?.milliseconds }
        job.idempotency = extract.idempotency?.idempotency(at: .unixMilliseconds)
        return .whole(job)
    }

    /// The workers' list must have every address that the ledger has on its own.
    func auditSuppressions(_ report: inout AuditReport, repairs: Bool) async throws {
        let suspects = try await forgottenSuppressions()
        guard !suspects.isEmpty, try await ledgerCatchesUp() else { return }
        var repair = report.repair ?? AuditReport.Repair()
        for (suppression, entry) in suspects where try await isForgotten(suppression, entry) {
            report.forgottenSuppressions += 1
            guard repairs else { continue }
            try await suppressions.suppress(suppression)
            repair.suppressions += 1
        }
        if repairs { report.repair = repair }
    }

    /// With the place of the event that put each on the list.
    private func forgottenSuppressions() async throws -> [(Suppression, Int64)] {
        var found: [(Suppression, Int64)] = []
        var last = ("", "")
        while true {
            let (kind, address) = last
            let page = try await postgres.perform { session in
                try session.query(AuditQueries.suppressed, [.text(kind), .text(address)]).map { row in
                    (
                        try row.text("kind"), try row.text("address"), try row.text("reason"), try row.time("said_at"),
                        try row.int("entry")
                    )
                }
            }
            for (kind, address, reason, saidAt, entry) in page {
                last = (kind, address)
                guard let kind = Suppression.Kind(rawValue: kind),
                    try await !suppressions.isSuppressed(kind, address)
                else { continue }
                let reason = Suppression.Reason(rawValue: reason) ?? .manual
                found.append((Suppression(address: address, kind: kind, reason: reason, at: saidAt), entry))
            }
            if page.count < 500 { return found }
        }
    }

    /// Whether it is still so, now that the ledger has read what happened meanwhile.
    private func isForgotten(_ suppression: Suppression, _ entry: Int64) async throws -> Bool {
        let (kind, address) = (suppression.kind, suppression.address)
        let isOnList = try await postgres.perform { session in
            try session.query(
                AuditQueries.stillSuppressed, [.text(kind.rawValue), .text(address), .int(entry)]
            ).count == 1
        }
        guard isOnList else { return false }
        return try await !suppressions.isSuppressed(kind, address)
    }
}

/// What an audit reads of a payload, or of what the ledger has kept of it.
private struct PayloadExtract: Decodable {
    private struct File: Decodable {
        var content: String?
        var size: Int?

        /// An address of media is no file.
        init(from decoder: any Decoder) throws {
            guard let fields = try? decoder.container(keyedBy: Keys.self) else { return }
            content = try? fields.decodeIfPresent(String.self, forKey: .content)
            size = try? fields.decodeIfPresent(Int.self, forKey: .size)
        }

        private enum Keys: String, CodingKey { case content, size }
    }

    private var attachments: [File]?
    private(set) var expiresAt: String?
    private(set) var idempotency: RecordedRequest?

    private enum CodingKeys: String, CodingKey {
        case attachments, idempotency
        case expiresAt = "expires_at"
    }

    init(_ payload: String) {
        if let read = try? JSONDecoder().decode(Self.self, from: Data(payload.utf8)) { self = read }
    }

    var lacksFiles: Bool { attachments?.contains { $0.content == nil && $0.size != nil } ?? false }
}

extension AuditReport.Finding {
    fileprivate func because(_ why: String) -> Self {
        var finding = self
        finding.what += "; \(why)"
        return finding
    }
}
