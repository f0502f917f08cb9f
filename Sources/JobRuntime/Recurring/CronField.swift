/// A field of a ``CronExpression``; the raw value is its name in an error.
public enum CronField: String, Sendable, Hashable, CaseIterable {
    case second
    case minute
    case hour
    case dayOfMonth = "day of month"
    case month
    case dayOfWeek = "day of week"

    /// What `*` stands for.
    private var all: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...6
        }
    }

    /// The numbers that may be written: Sunday has two.
    private var numbers: ClosedRange<Int> { self == .dayOfWeek ? 0...7 : all }

    private var names: [(name: String, number: Int)] {
        switch self {
        case .second, .minute, .hour: []
        case .dayOfMonth: [("L", CronValues.lastDay)]
        case .month:
            zip(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1...)
                .map { ($0, $1) }
        case .dayOfWeek:
            zip(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 0...).map { ($0, $1) }
        }
    }

    /// The values a field stands for.
    func values(in text: Substring) throws(CronExpressionError) -> CronValues {
        var values = CronValues()
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let step = parts.count == 2 ? try self.step(parts[1]) : nil
            let range = try self.range(parts[0], isOpen: step != nil)
            for value in stride(from: range.lowerBound, through: range.upperBound, by: step ?? 1) {
                values.insert(self == .dayOfWeek ? value % 7 : value)
            }
        }
        return values
    }

    /// A step that leaps over the whole field would look like an interval and be none: `*/90` is not 90 minutes.
    private func step(_ text: Substring) throws(CronExpressionError) -> Int {
        guard let step = decimal(text), step > 0, step <= numbers.upperBound else {
            throw .field(self, found: String(text), expected: "a step from 1 to \(numbers.upperBound)")
        }
        return step
    }

    /// - Parameter isOpen: a single number begins a range that ends with the field.
    private func range(_ text: Substring, isOpen: Bool) throws(CronExpressionError) -> ClosedRange<Int> {
        if text == "*" { return all }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try number(ends[0])
        var last = isOpen ? all.upperBound : first
        if ends.count == 2 {
            last = try number(ends[1])
            // FRI-SUN: at the end of a range, Sunday ends the week.
            if self == .dayOfWeek, last == 0, first > 0 { last = 7 }
        }
        guard first <= last else {
            throw .field(self, found: String(text), expected: "a range that does not end before it begins")
        }
        return first...last
    }

    private func number(_ text: Substring) throws(CronExpressionError) -> Int {
        if let number = decimal(text), numbers.contains(number) { return number }
        if let named = names.first(where: { $0.name == text.uppercased() }) { return named.number }
        var expected = "a number from \(numbers.lowerBound) to \(numbers.upperBound)"
        if !names.isEmpty { expected += " or " + names.map(\.name).joined(separator: ", ") }
        throw .field(self, found: String(text), expected: expected)
    }

    /// Digits only: `Int` itself would take a sign.
    private func decimal(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? Int(text) : nil
    }
}
