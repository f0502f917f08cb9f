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

    /// Everything about the server that can cost a job, and what to do about it.
    var concerns: [String] {
        var concerns: [String] = []
        if isOlder(than: (6, 2)) {
            concerns.append("Redis \(version) is too old: XAUTOCLAIM needs 6.2, and 7.0 is what is tested")
        }
        if evictionPolicy != "noeviction" {
            concerns.append("maxmemory-policy is \(evictionPolicy): a full Redis throws jobs away; set noeviction")
        }
        if !isPersistent {
            concerns.append("nothing is written to disk: a restart loses every job; set appendonly yes")
        }
        return concerns
    }

    private func isOlder(than least: (Int, Int)) -> Bool {
        let parts = version.split(separator: ".").map { Int($0) ?? 0 }
        return (parts.first ?? 0, parts.dropFirst().first ?? 0) < least
    }
}
