/// The pieces of Prometheus's text format.
enum PrometheusText {
    /// A name of letters, digits and underscores.
    static func name(_ label: String) -> String {
        var name = String(
            String.UnicodeScalarView(label.unicodeScalars.map { isNameCharacter($0) ? $0 : "_" }))
        if let first = name.first, first.isNumber { name = "_" + name }
        return name
    }

    private static func isNameCharacter(_ character: Unicode.Scalar) -> Bool {
        character == "_" || character.isASCII && (character.properties.isAlphabetic || ("0"..."9").contains(character))
    }

    /// `a="b",c="d"`, in the order of the names.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }.map { "\(name($0))=\"\(escaped($1))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// What stands in front of a metric's series.
    static func head(_ name: String, _ type: String, _ help: String?, to text: inout String) {
        if let help { text += "# HELP \(name) \(help)\n" }
        text += "# TYPE \(name) \(type)\n"
    }

    static func write(_ series: PrometheusRegistry.Series, _ name: String, _ labels: String, to text: inout String) {
        switch series {
        case .counter(let counter): line(name, labels, "\(counter.value)", to: &text)
        case .gauge(let gauge): line(name, labels, number(gauge.value), to: &text)
        case .histogram(let histogram):
            var count: Int64 = 0
            for (bound, below) in zip(histogram.bounds.map(number) + ["+Inf"], histogram.counts) {
                count += below
                let le = "le=\"\(bound)\""
                line(name + "_bucket", labels.isEmpty ? le : "\(labels),\(le)", "\(count)", to: &text)
            }
            line(name + "_sum", labels, number(histogram.sum), to: &text)
            line(name + "_count", labels, "\(count)", to: &text)
        }
    }

    static func line(_ name: String, _ labels: String, _ value: String, to text: inout String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// A whole number without its fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
