/// The metrics and labels that a query in PromQL names, as far as it takes to compare them with what there is.
struct MetricQuery {
    struct Selector: Equatable {
        var series: String
        /// What its labels are compared with; empty where that is a variable or another pattern.
        var values: [String: [String]] = [:]
    }

    private(set) var selectors: [Selector] = []
    /// By which it groups or joins.
    private(set) var groupings: Set<String> = []

    private static let words: Set<String> = [
        "and", "or", "unless", "by", "on", "without", "ignoring", "offset", "bool", "group_left", "group_right",
    ]

    init(_ text: String) {
        // Ranges hold no names, or variables.
        var rest = text.replacing(/\[[^\]]*\]/, with: "")[...]
        while let match = rest.firstMatch(of: /[a-zA-Z0-9_.]+/) {
            let word = String(match.0)
            rest = rest[match.range.upperBound...]
            let next = rest.drop { $0.isWhitespace }
            // A number, or how long ago.
            if word.first?.isNumber == true { continue }
            if Self.words.contains(word) {
                guard next.first == "(", let end = next.firstIndex(of: ")"), word != "and", word != "or" else {
                    continue
                }
                groupings.formUnion(
                    next[..<end].dropFirst().split { $0 == "," || $0.isWhitespace }.map(String.init))
                rest = next[end...]
            } else if next.first == "{", let end = next.firstIndex(of: "}") {
                selectors.append(Selector(series: word, values: Self.values(next[..<end])))
                rest = next[end...]
            } else if next.first != "(", next.prefixMatch(of: /(by|without)\b/) == nil {
                selectors.append(Selector(series: word))
            }
        }
    }

    private static func values(_ matchers: Substring) -> [String: [String]] {
        Dictionary(
            matchers.matches(of: /([a-z_]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/).map { matcher in
                let isPattern = matcher.2.contains { !($0.isLetter || $0 == "_" || $0 == "|" || $0.isWhitespace) }
                return (String(matcher.1), isPattern ? [] : matcher.2.split(separator: "|").map(String.init))
            }, uniquingKeysWith: +)
    }

    /// What it names that the processes do not show.
    func faults(in page: MetricsText) -> [String] {
        // What Prometheus itself adds to every series, and what every histogram has.
        var known: Set<String> = ["job", "instance", "le"]
        var faults: [String] = []
        for selector in selectors {
            guard let name = page.family(of: selector.series), let family = page.families[name] else {
                faults.append("no metric \(selector.series)")
                continue
            }
            known.formUnion(family.labels.keys)
            for (label, values) in selector.values {
                guard let there = family.labels[label] else {
                    faults.append("\(name) has no label \(label)")
                    continue
                }
                faults += values.filter { !there.contains($0) }.map { "no \(name) has \(label)=\($0)" }
            }
        }
        return faults + groupings.subtracting(known).sorted().map { "nothing in it has a label \($0)" }
    }
}
