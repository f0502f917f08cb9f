/// Columns of text, each as wide as its widest cell; numbers stand to the right.
struct TextTable {
    struct Cell: ExpressibleByStringInterpolation {
        var text: String
        var style: Style

        init(_ text: String, _ style: Style = .plain) {
            self.text = text.printable
            self.style = style
        }

        init(stringLiteral text: String) { self.init(text) }

        /// A number that stands back when it is none.
        static func count(_ count: Int, _ style: Style = .plain) -> Cell {
            Cell("\(count)", count == 0 ? .dim : style)
        }
    }

    private var rows: [[Cell]]

    init(_ header: [String]) { rows = [header.map { Cell($0, .bold) }] }

    /// - Parameter row: as many cells as the header has.
    mutating func add(_ row: [Cell]) { rows.append(row) }

    /// - Parameter width: where a line is cut off; nil: nowhere.
    func lines(_ palette: Palette = .plain, width: Int? = nil) -> [String] {
        let columns = rows.first?.indices ?? 0..<0
        let widths = columns.map { column in rows.map { $0[column].text.count }.max() ?? 0 }
        let isNumber = columns.map { column in
            rows.dropFirst().allSatisfy { $0[column].text.isEmpty || $0[column].text.first?.isNumber == true }
        }
        return rows.map { row in
            var line = Line(palette, width: width)
            let last = row.lastIndex { !$0.text.isEmpty } ?? 0
            for column in columns.prefix(through: last) {
                let cell = row[column]
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                if isNumber[column] { line.add(padding) }
                line.add(cell.text, cell.style)
                if column < last { line.add(isNumber[column] ? "  " : padding + "  ") }
            }
            return line.text
        }
    }

    func text(_ palette: Palette = .plain, width: Int? = nil) -> String {
        lines(palette, width: width).joined(separator: "\n")
    }
}
