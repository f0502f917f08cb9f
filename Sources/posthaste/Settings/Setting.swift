import Operations

/// One setting that there is. The README's table, `.env.example` and `posthaste config` have all of them.
struct Setting: Sendable {
    /// How its value may be shown.
    enum Secrecy: Sendable {
        case plain
        /// Not at all.
        case secret
        /// An address: without its password, and without what stands behind its `?` but for what is known.
        case address
    }

    let name: String
    var secrecy = Secrecy.plain
    /// What holds where it is not set; nil: nothing does.
    var standard: String?

    /// The value as it may be shown.
    func shown(_ value: String) -> String {
        switch secrecy {
        case .plain: value
        case .secret: Self.mask
        case .address: Self.masked(address: value)
        }
    }

    static let mask = "********"
    private static let shownParameters: Set<String> = ["sslmode", "sslrootcert", "db"]

    private static func masked(address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return mask }
        let parts = address[scheme.upperBound...].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var place = parts[0]
        var credentials = ""
        // The last @, so that a password may hold one.
        if let at = place.lastIndex(of: "@") {
            let user = place[..<at].prefix { $0 != ":" }
            credentials = (user.endIndex < at ? "\(user):\(mask)" : "\(user)") + "@"
            place = place[place.index(after: at)...]
        }
        let query = parts.dropFirst().map { "?" + masked(query: $0) }.joined()
        return address[..<scheme.upperBound] + credentials + place + query
    }

    private static func masked(query: Substring) -> String {
        query.split(separator: "&").map { parameter in
            let words = parameter.split(separator: "=", maxSplits: 1)
            return words.count == 2 && shownParameters.contains(String(words[0]))
                ? String(parameter) : "\(words.first ?? "")=\(mask)"
        }.joined(separator: "&")
    }
}

extension Setting {
    static func named(_ name: String) -> Setting? { byName[name] }

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    /// What somebody may have meant: the setting whose name differs by a slip or two.
    static func nearest(to name: String) -> String? {
        let most = name.count < 6 ? 1 : 2
        return all.map { ($0.name, slips(from: name, to: $0.name)) }
            .filter { $0.1 > 0 && $0.1 <= most }.min { $0.1 < $1.1 }?.0
    }

    /// How many letters are to be put in, taken out, changed or swapped with their neighbour.
    private static func slips(from: String, to: String) -> Int {
        let (a, b) = (Array(from.utf8), Array(to.utf8))
        guard abs(a.count - b.count) <= 2 else { return .max }
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
