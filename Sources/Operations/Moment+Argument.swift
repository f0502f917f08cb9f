public import JobRuntime

extension Moment {
    /// Reads a moment as it is typed: RFC 3339, or how long ago, `90s`, `15m`, `2h`, `7d`.
    public init?(argument: String, now: Moment) {
        if let moment = Moment(argument) {
            self = moment
            return
        }
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()),
            (0...1_000_000).contains(count)
        else { return nil }
        self.init(now.milliseconds - count * unit)
    }
}
