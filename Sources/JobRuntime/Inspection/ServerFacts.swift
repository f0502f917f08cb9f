/// What a Redis server says of itself that decides whether jobs are safe in it.
struct ServerFacts: Equatable {
    var version: String
    var evictionPolicy: String
    var isPersistent: Bool

    /// Reads the answer to INFO.
    ///
    /// - Parameter snapshots: the value of the setting `save`; nil where the server does not tell.
    init(info: String, snapshots: String?) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        version = String(fields["redis_version"] ?? "0")
        evictionPolicy = String(fields["maxmemory_policy"] ?? "unknown")
        isPersistent = fields["aof_enabled"] == "1" || snapshots.map { !$0.isEmpty } ?? false
    }

    /// Without script flags (7.0) nothing could be settled.
    var isTooOld: Bool { (Int(version.prefix { $0 != "." }) ?? 0) < 7 }

    /// Everything about the server that can cost a job, and what to do about it.
    var concerns: [String] {
        var concerns: [String] = []
        if isTooOld { concerns.append("Redis \(version) is too old: its scripts cannot settle jobs; 7.0 is needed") }
        if evictionPolicy != "noeviction" {
            concerns.append("maxmemory-policy is \(evictionPolicy): a full Redis throws jobs away; set noeviction")
        }
        if !isPersistent {
            concerns.append("nothing is written to disk: a restart loses every job; set appendonly yes")
        }
        return concerns
    }
}
