/// What a page in Prometheus's text format says.
struct MetricsText {
    struct Family: Equatable {
        var type: String
        var hasHelp = false
        /// The labels of its series, and the values that each has.
        var labels: [String: Set<String>] = [:]
    }

    private(set) var families: [String: Family] = [:]
    /// By name and labels as they stand in the text.
    private(set) var values: [String: Double] = [:]

    init(_ text: String) {
        var helped: Set<String> = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# HELP ") {
                helped.insert(words[2])
            } else if line.hasPrefix("# TYPE ") {
                families[words[2]] = Family(type: words[3], hasHelp: helped.contains(words[2]))
            } else if let space = line.lastIndex(of: " ") {
                values[String(line[..<space])] = Double(line[line.index(after: space)...])
                note(line[..<space])
            }
        }
    }

    private mutating func note(_ series: Substring) {
        let name = String(series.prefix { $0 != "{" })
        guard let family = self.family(of: name) else { return }
        for label in series.matches(of: /([a-z_]+)="([^"]*)"/) {
            families[family]?.labels[String(label.1), default: []].insert(String(label.2))
        }
    }

    /// The name of the metric that a series belongs to: a histogram's have endings.
    func family(of series: String) -> String? {
        if families[series] != nil { return series }
        return ["_bucket", "_sum", "_count"].lazy.filter { series.hasSuffix($0) }
            .map { String(series.dropLast($0.count)) }.first { families[$0]?.type == "histogram" }
    }

    mutating func add(_ other: MetricsText) {
        families.merge(other.families) { mine, theirs in
            var both = mine
            both.labels.merge(theirs.labels) { $0.union($1) }
            return both
        }
    }
}
