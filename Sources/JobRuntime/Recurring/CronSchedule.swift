import Foundation

/// A ``CronExpression`` by the clock of a zone, in Unix seconds. What becomes of readings that the clock leaves out or
/// repeats is told at ``Recurrence``.
struct CronSchedule: Sendable, Hashable {
    let expression: CronExpression
    let zone: TimeZone

    func next(after: Int64, through: Int64) -> Int64? {
        for stretch in ZoneStretches(of: zone, from: after, to: through + 1) {
            if let wall = expression.first(in: walls(of: stretch, after: after)) {
                return max(wall - stretch.offset, stretch.span.lowerBound)
            }
        }
        return nil
    }

    func count(after: Int64, through: Int64) -> Int {
        ZoneStretches(of: zone, from: after, to: through + 1).reduce(0) { count, stretch in
            let walls = walls(of: stretch, after: after)
            // What a jump left out falls together with what the clock reads after it.
            let landed = max(walls.lowerBound, stretch.opening + 1)
            let jumped = expression.first(in: walls.lowerBound..<landed) == nil ? 0 : 1
            return count + jumped + expression.count(in: landed..<walls.upperBound)
        }
    }

    /// The readings that come true in a stretch after a moment, those left out before the stretch included.
    private func walls(of stretch: ZoneStretch, after: Int64) -> Range<WallSecond> {
        let start = expression.meansEveryHour ? stretch.opening : stretch.shown
        let first = after < stretch.span.lowerBound ? start : max(start, after + 1 + stretch.offset)
        return first..<max(first, stretch.closing)
    }
}
