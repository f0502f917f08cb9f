/// Columns of text, each as wide as its widest cell; numbers stand to the right.
struct TextTable: CustomStringConvertible {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ row: [String]) { rows.append(row) }

    var description: String {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let isNumber = columns.map { column in
            rows.dropFirst().allSatisfy { $0[column].isEmpty || $0[column].first?.isNumber == true }
        }
        return rows.map { row in
            var line = ""
            for column in columns {
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                line += (isNumber[column] ? padding + row[column] : row[column] + padding) + "  "
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }
}
