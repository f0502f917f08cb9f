public import Ledger
import Messaging

/// An audit as `posthaste audit` shows it.
public struct AuditText: Encodable, Sendable {
    private let report: AuditReport

    public init(_ report: AuditReport) { self.report = report }

    private enum CodingKeys: String, CodingKey {
        case accepted, ended, open, missing, behind, unaccounted, undecided, balanced, repair
        case forgottenSuppressions = "forgotten_suppressions"
        case rejectedEvents = "rejected_events"
    }

    private struct Finding: Encodable {
        var id, queue, status, what: String

        init(_ finding: AuditReport.Finding) {
            (id, queue, status, what) = ("\(finding.id)", finding.queue, finding.status, finding.what)
        }
    }

    private struct Repair: Encodable {
        var restored: [String]
        var withdrawn: [String]
        var left: [Finding]
        var suppressions: Int
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(report.accepted, forKey: .accepted)
        try fields.encode(report.ended, forKey: .ended)
        try fields.encode(
            Dictionary(uniqueKeysWithValues: report.open.map { ($0.key.rawValue, $0.value) }), forKey: .open)
        try fields.encode(report.missing.map(Finding.init), forKey: .missing)
        try fields.encode(report.behind.map(Finding.init), forKey: .behind)
        try fields.encode(report.unaccounted.map(Finding.init), forKey: .unaccounted)
        try fields.encode(report.undecided, forKey: .undecided)
        try fields.encode(report.forgottenSuppressions, forKey: .forgottenSuppressions)
        try fields.encode(report.rejectedEvents, forKey: .rejectedEvents)
        try fields.encode(report.isBalanced, forKey: .balanced)
        try fields.encodeIfPresent(
            report.repair.map {
                Repair(
                    restored: $0.restored.map { "\($0)" }, withdrawn: $0.withdrawn.map { "\($0)" },
                    left: $0.left.map(Finding.init), suppressions: $0.suppressions)
            }, forKey: .repair)
    }
}

extension AuditText {
    public var text: String {
        var lines = ["Accepted, by the ledger  \(report.accepted)"]
        lines.append("  ended                  \(report.endedInAll)\(Self.parts(report.ended))")
        for place in AuditReport.Place.allCases where report.open[place, default: 0] > 0 {
            lines.append("  \(Self.padded(Self.words(place)))\(report.open[place, default: 0])")
        }
        if report.undecided > 0 {
            lines.append("  \(Self.padded("not to be told yet"))\(report.undecided) (events wait to be kept)")
        }
        if !report.behind.isEmpty { lines.append("  \(Self.padded("ended, not told"))\(report.behind.count)") }
        lines.append("  \(Self.padded("missing"))\(report.missing.count)")
        lines.append(sum)
        lines.append("In Redis, never accepted \(report.unaccounted.count)")
        if report.rejectedEvents > 0 {
            lines.append("Events set aside         \(report.rejectedEvents) (table rejected_events)")
        }
        if report.forgottenSuppressions > 0 {
            lines.append("Suppressions that Redis has lost  \(report.forgottenSuppressions)")
        }
        for finding in report.missing + report.behind + report.unaccounted { lines.append(Self.line(finding)) }
        if let repair = report.repair { lines += Self.lines(repair) }
        return lines.joined(separator: "\n")
    }

    /// The invariant, which must come out even.
    private var sum: String {
        let parts = [report.endedInAll] + AuditReport.Place.allCases.compactMap { report.open[$0] }
        let rest = [report.undecided, report.behind.count].filter { $0 > 0 } + [report.missing.count]
        let terms = (parts + rest).map(String.init).joined(separator: " + ")
        return "\(report.accepted) = \(terms): \(report.isBalanced ? "it balances" : "it does NOT balance")"
    }

    private static func parts(_ ended: [String: Int]) -> String {
        let parts = ended.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    private static func words(_ place: AuditReport.Place) -> String {
        switch place {
        case .waiting: "waiting"
        case .sending: "being sent"
        case .retrying: "to be tried again"
        case .scheduled: "scheduled"
        case .dead: "dead letters, held"
        case .moving: "on the way"
        }
    }

    private static func padded(_ text: String) -> String {
        text + String(repeating: " ", count: max(1, 23 - text.count))
    }

    private static func line(_ finding: AuditReport.Finding) -> String {
        let status = finding.status.isEmpty ? "" : " \(finding.status)"
        return "  \(finding.id) \(QueueName.short(finding.queue))\(status): \(finding.what)"
    }

    private static func lines(_ repair: AuditReport.Repair) -> [String] {
        var lines = ["Put back, as perhaps sent: \(repair.restored.count)"]
        if !repair.withdrawn.isEmpty {
            lines.append("Taken out, as their requests were made again: \(repair.withdrawn.count)")
        }
        if repair.suppressions > 0 { lines.append("Suppressions put back: \(repair.suppressions)") }
        if !repair.left.isEmpty { lines.append("Left as they are: \(repair.left.count)") }
        return lines + repair.left.map(line)
    }
}
