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

    /// - Parameters:
    ///   - perProcess: the connections of one worker.
    ///   - isAccepting: whether a message counts as taken once the ledger has it.
    public func findings(connections perProcess: Int, isAccepting: Bool) -> [DoctorFinding] {
        let about = "postgres"
        func set(_ setting: String) -> String { "ALTER SYSTEM SET \(setting); SELECT pg_reload_conf();" }
        var findings: [DoctorFinding] = []
        let name = "Postgres \(version / 10_000).\(version % 10_000)"
        findings.append(
            version >= 140_000
                ? .ok(about, "\(name) answers")
                : .error(about, name, why: "the ledger is made for 14 and newer", mend: "install a newer Postgres"))
        if isReadOnly {
            findings.append(
                .error(
                    about, "it takes no writes", why: "events pile up in Redis", mend: "set DATABASE_URL to the primary"
                ))
        }
        if let problem {
            findings.append(
                .error(about, problem, why: "the ledger cannot be written", mend: "run the version that the others run")
            )
        } else if !pending.isEmpty {
            findings.append(
                .error(
                    about, "not migrated: \(pending.joined(separator: ", "))", why: "events pile up in Redis",
                    mend: "posthaste migrate"))
        } else {
            findings.append(.ok(about, "migrations up to date"))
        }
        if !fsync || !fullPageWrites {
            findings.append(
                .error(
                    about, fsync ? "full_page_writes off" : "fsync off", why: "a power failure destroys the database",
                    mend: set(fsync ? "full_page_writes = on" : "fsync = on")))
        }
        if synchronousCommit == "off" {
            let why = "a crash forgets what was written last" + (isAccepting ? ", which was accepted" : "")
            let mend = set("synchronous_commit = on")
            findings.append(
                isAccepting
                    ? .error(about, "synchronous_commit off", why: why, mend: mend)
                    : .warning(about, "synchronous_commit off", why: why, mend: mend))
        }
        let room = max(0, mostConnections - connections) / Int64(max(1, perProcess))
        let seen = "\(connections) of \(mostConnections) connections"
        findings.append(
            room >= 4
                ? .ok(about, seen)
                : .warning(
                    about, seen, why: "there is room for \(room) more workers only",
                    mend: "\(set("max_connections = \(mostConnections * 2)")) and a restart"))
        return findings
    }
}
