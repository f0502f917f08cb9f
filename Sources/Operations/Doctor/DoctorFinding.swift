/// One thing that `posthaste doctor` has looked at.
public struct DoctorFinding: Encodable, Sendable, Equatable {
    public enum Level: String, Encodable, Sendable, Comparable, CaseIterable {
        case ok, warning, error

        public static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What was looked at: `redis`, `twilio`, …
    public let about: String
    public let level: Level
    /// What was seen.
    public let seen: String
    /// Why it matters; nil: it is as it should be.
    public let why: String?
    /// The command or setting that mends it.
    public let mend: String?

    public static func fine(_ about: String, _ seen: String) -> DoctorFinding { ok(about, seen) }

    static func ok(_ about: String, _ seen: String) -> DoctorFinding {
        DoctorFinding(about: about, level: .ok, seen: seen, why: nil, mend: nil)
    }

    static func warning(_ about: String, _ seen: String, why: String, mend: String) -> DoctorFinding {
        DoctorFinding(about: about, level: .warning, seen: seen, why: why, mend: mend)
    }

    static func error(_ about: String, _ seen: String, why: String, mend: String) -> DoctorFinding {
        DoctorFinding(about: about, level: .error, seen: seen, why: why, mend: mend)
    }
}

/// All findings, for `posthaste doctor`.
public struct DoctorReport: Encodable, Sendable {
    public let findings: [DoctorFinding]
    public let errors: Int
    public let warnings: Int

    public init(_ findings: [DoctorFinding]) {
        self.findings = findings
        errors = findings.count { $0.level == .error }
        warnings = findings.count { $0.level == .warning }
    }

    /// In the order in which they were looked at.
    public func text(_ palette: Palette = .plain) -> String {
        let width = findings.map(\.about.count).max() ?? 0
        var lines: [String] = []
        for finding in findings {
            let (word, style): (String, Style) =
                switch finding.level {
                case .ok: ("ok     ", .dim)
                case .warning: ("warning", .notice)
                case .error: ("ERROR  ", .alarm)
                }
            let about = finding.about + String(repeating: " ", count: width - finding.about.count)
            let why = finding.why.map { ": \($0)" } ?? ""
            lines.append("\(palette.paint(word, style))  \(about)  \((finding.seen + why).printable)")
            if let mend = finding.mend {
                lines.append(String(repeating: " ", count: width + 11) + palette.paint("→ \(mend)".printable, .bold))
            }
        }
        lines.append("")
        lines.append(
            errors + warnings == 0 ? "Nothing is amiss." : "\(count(errors, "error")), \(count(warnings, "warning"))")
        return lines.joined(separator: "\n")
    }

    private func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}
