import Foundation

/// A time during which a zone's clock runs without a jump.
struct ZoneStretch {
    /// Unix seconds.
    let span: Range<Int64>

    /// Seconds east of UTC.
    let offset: Int64

    /// Every reading before this one had been shown when the stretch began. Beyond ``opening``, the clock was put back
    /// and repeats some; before it, the clock was put forward and left some out.
    let shown: WallSecond

    /// What the clock reads first.
    var opening: WallSecond { span.lowerBound + offset }

    /// The reading at which the stretch is over.
    var closing: WallSecond { span.upperBound + offset }
}

/// The stretches of a zone, in order, from two days before a moment: no clock is put back further than a day, so that at
/// the moment itself it is known what had been shown.
struct ZoneStretches: Sequence, IteratorProtocol {
    private let zone: TimeZone
    private let end: Int64
    private var start: Int64
    private var shown: WallSecond

    /// - Parameters:
    ///   - moment: Unix seconds.
    ///   - end: Unix seconds; the last stretch is cut off here.
    init(of zone: TimeZone, from moment: Int64, to end: Int64) {
        self.zone = zone
        self.end = end
        start = moment - 2 * CivilDay.seconds
        shown = start + zone.offset(at: start)
    }

    mutating func next() -> ZoneStretch? {
        guard start < end else { return nil }
        let next = Swift.min(zone.nextJump(after: start) ?? end, end)
        let stretch = ZoneStretch(span: start..<next, offset: zone.offset(at: start), shown: shown)
        shown = Swift.max(shown, stretch.closing)
        start = next
        return stretch
    }
}

extension TimeZone {
    /// Seconds east of UTC.
    fileprivate func offset(at second: Int64) -> Int64 {
        Int64(secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }

    /// Named for daylight saving time only, but what it answers with is every change of the offset (tested).
    fileprivate func nextJump(after second: Int64) -> Int64? {
        nextDaylightSavingTimeTransition(after: Date(timeIntervalSince1970: Double(second)))
            .map { Int64($0.timeIntervalSince1970) }
    }
}
