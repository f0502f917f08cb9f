extension CronExpression {
    /// Whether every hour is meant, so that no reading of the clock is awaited in particular.
    var meansEveryHour: Bool { hours.count == 24 }

    /// The first reading the expression means.
    func first(in walls: Range<WallSecond>) -> WallSecond? {
        for day in days(of: walls) where means(day: day) {
            let midnight = day * CivilDay.seconds
            guard let time = firstTime(from: Int(max(walls.lowerBound - midnight, 0))) else { continue }
            let wall = midnight + Int64(time)
            return wall < walls.upperBound ? wall : nil
        }
        return nil
    }

    /// How many readings the expression means. The work is by the day, not by the reading.
    func count(in walls: Range<WallSecond>) -> Int {
        var count = 0
        for day in days(of: walls) where means(day: day) {
            let midnight = day * CivilDay.seconds
            let part = walls.clamped(to: midnight..<midnight + CivilDay.seconds)
            count += timesBefore(Int(part.upperBound - midnight)) - timesBefore(Int(part.lowerBound - midnight))
        }
        return count
    }

    /// The numbers of the days the readings are of.
    private func days(of walls: Range<WallSecond>) -> Range<Int64> {
        walls.isEmpty ? 0..<0 : CivilDay.number(at: walls.lowerBound)..<CivilDay.number(at: walls.upperBound - 1) + 1
    }

    private func means(day number: Int64) -> Bool {
        let day = CivilDay(number)
        guard months.contains(day.month) else { return false }
        let isDayOfWeek = daysOfWeek.contains(day.dayOfWeek)
        let isDayOfMonth =
            daysOfMonth.contains(day.dayOfMonth)
            || daysOfMonth.contains(CronValues.lastDay) && CivilDay(number + 1).dayOfMonth == 1
        return needsBothDays ? isDayOfWeek && isDayOfMonth : isDayOfWeek || isDayOfMonth
    }

    /// The first time the expression means on a day, in seconds since midnight.
    private func firstTime(from time: Int) -> Int? {
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        if hours.contains(hour) {
            if minutes.contains(minute), let second = seconds.first(from: second) {
                return hour * 3600 + minute * 60 + second
            }
            if let minute = minutes.first(from: minute + 1), let second = seconds.first(from: 0) {
                return hour * 3600 + minute * 60 + second
            }
        }
        guard let hour = hours.first(from: hour + 1), let minute = minutes.first(from: 0),
            let second = seconds.first(from: 0)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// How many times the expression means on a day before `time`, in seconds since midnight.
    private func timesBefore(_ time: Int) -> Int {
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        var count = hours.count(below: hour) * minutes.count * seconds.count
        guard hours.contains(hour) else { return count }
        count += minutes.count(below: minute) * seconds.count
        guard minutes.contains(minute) else { return count }
        return count + seconds.count(below: second)
    }
}
