/// A cron expression and what it means, made together rather than one from the other.
struct WrittenExpression {
    let text: String
    private let second: WrittenField
    private let minute: WrittenField
    private let hour: WrittenField
    private let day: WrittenField
    private let month: WrittenField
    private let weekday: WrittenField

    /// - Parameter seconds: whether there is a field for them.
    init(seconds: Bool, random: inout some RandomNumberGenerator) {
        second = seconds ? WrittenField(of: 0...59, random: &random) : WrittenField(only: 0)
        minute = WrittenField(of: 0...59, random: &random)
        hour = WrittenField(of: 0...23, random: &random)
        day = WrittenField(of: 1...31, named: ["L"], random: &random)
        month = WrittenField(of: 1...12, random: &random)
        weekday = WrittenField(of: 0...6, named: ["SUN"], random: &random)
        text = [second, minute, hour, day, month, weekday].dropFirst(seconds ? 0 : 1)
            .map(\.text).joined(separator: " ")
    }

    var meansEveryHour: Bool { (0...23).allSatisfy(hour.means) }

    func means(_ reading: ClockReading) -> Bool {
        second.means(reading.second) && minute.means(reading.minute) && hour.means(reading.hour)
            && month.means(reading.month) && meansDay(of: reading)
    }

    private func meansDay(of reading: ClockReading) -> Bool {
        let isDay = day.means(reading.day) || day.name != nil && reading.isLastOfMonth
        let isWeekday = weekday.means(reading.weekday) || weekday.name != nil && reading.weekday == 0
        let isEither = !day.text.hasPrefix("*") && !weekday.text.hasPrefix("*")
        return isEither ? isDay || isWeekday : isDay && isWeekday
    }
}

/// A field of a ``WrittenExpression``.
private struct WrittenField {
    let text: String
    /// The name among its items, if there is one.
    let name: String?
    private var numbers: [Bool]

    init(only number: Int) {
        (text, name) = ("\(number)", nil)
        numbers = (0...60).map { $0 == number }
    }

    /// Every other field is `*`, as most are; the others are one to three items.
    init(of all: ClosedRange<Int>, named names: [String] = [], random: inout some RandomNumberGenerator) {
        numbers = Array(repeating: false, count: 61)
        var items: [String] = []
        for _ in 0..<([1, 1, 1, 2, 3].randomElement(using: &random) ?? 1) {
            let (first, last) = (Int.random(in: all, using: &random), Int.random(in: all, using: &random))
            let step = Int.random(in: 1...all.upperBound, using: &random)
            let (range, by, item): (ClosedRange<Int>, Int, String) =
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<4: (all, 1, "*")
                case 4: (all, step, "*/\(step)")
                case 5: (first...first, 1, "\(first)")
                case 6: (first...all.upperBound, step, "\(first)/\(step)")
                case 7: (min(first, last)...max(first, last), step, "\(min(first, last))-\(max(first, last))/\(step)")
                default: (min(first, last)...max(first, last), 1, "\(min(first, last))-\(max(first, last))")
                }
            for number in range where (number - range.lowerBound) % by == 0 { numbers[number] = true }
            items.append(item)
        }
        name = Int.random(in: 0..<4, using: &random) == 0 ? names.first : nil
        if let name { items.append(name) }
        text = items.joined(separator: ",")
    }

    func means(_ number: Int) -> Bool { numbers[number] }
}
