/// What the ledger's Postgres tells of itself.
public struct PostgresFacts: Sendable, Equatable {
    /// As `server_version_num` has it: 170004.
    public var version: Int64 = 0
    /// Migrations that are to be applied.
    public var pending: [String] = []
    /// Why it cannot be migrated; nil: it can.
    public var problem: String?
    public var synchronousCommit = ""
    public var fsync = true
    public var fullPageWrites = true
    public var isReadOnly = false
    public var mostConnections: Int64 = 0
    public var connections: Int64 = 0

    public init() {}

    private static let about = "postgres"

    /// - Parameters:
    ///   - perProcess: the connections of one worker.
    ///   - isAccepting: whether a message counts as taken once the ledger has it.
    public func findings(connections perProcess: Int, isAccepting: Bool) -> [DoctorFinding] {
        server + [tables] + safety(isAccepting) + [room(for: perProcess)]
    }

    private static func set(_ setting: String) -> String { "ALTER SYSTEM SET \(setting); SELECT pg_reload_conf();" }

    private var server: [DoctorFinding] {
        let name = "Postgres \(version / 10_000).\(version % 10_000)"
        var findings: [DoctorFinding] = [
            version >= 140_000
                ? .ok(Self.about, "\(name) answers")
                : .error(Self.about, name, why: "the ledger is made for 14 and newer", mend: "install a newer Postgres")
        ]
        if isReadOnly {
            findings.append(
                .error(
                    Self.about, "it takes no writes", why: "events pile up in Redis",
                    mend: "set DATABASE_URL to the primary"))
        }
        return findings
    }

    private var tables: DoctorFinding {
        if let problem {
            return .error(
                Self.about, problem, why: "the ledger cannot be written", mend: "run the version that the others run")
        }
        guard pending.isEmpty else {
            return .error(
                Self.about, "not migrated: \(pending.joined(separator: ", "))", why: "events pile up in Redis",
                mend: "posthaste migrate")
        }
        return .ok(Self.about, "migrations up to date")
    }

    private func safety(_ isAccepting: Bool) -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        if !fsync || !fullPageWrites {
            let setting = fsync ? "full_page_writes" : "fsync"
            findings.append(
                .error(
                    Self.about, "\(setting) off", why: "a power failure destroys the database",
                    mend: Self.set("\(setting) = on")))
        }
        if synchronousCommit == "off" {
            let (seen, mend) = ("synchronous_commit off", Self.set("synchronous_commit = on"))
            findings.append(
                isAccepting
                    ? .error(Self.about, seen, why: "a crash forgets messages that were accepted", mend: mend)
                    : .warning(Self.about, seen, why: "a crash forgets what was written last", mend: mend))
        }
        return findings
    }

    private func room(for perProcess: Int) -> DoctorFinding {
        let room = max(0, mostConnections - connections) / Int64(max(1, perProcess))
        let seen = "\(connections) of \(mostConnections) connections"
        guard room < 4 else { return .ok(Self.about, seen) }
        return .warning(
            Self.about, seen, why: "there is room for \(room) more workers only",
            mend: "\(Self.set("max_connections = \(mostConnections * 2)")) and a restart")
    }
}
