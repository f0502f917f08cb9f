/// Decides which lanes of a queue are read next, and how much of each. A pure value.
///
/// High goes before normal before low. Of what is read while a higher lane has more, a fifth is normal's and a tenth
/// low's, so that neither ever stands still. While no lane has more than was asked of it, one read waits on all.
struct LanePlan {
    enum Step: Equatable {
        /// Wait on all lanes at once, up to so many of each.
        case wait(Int)
        /// Reads one after the other as long as there is room; those of one group travel together.
        case read([[LaneRead]])
    }

    /// Lanes that gave as much as they were asked for: there is likely more.
    private var backlog: Set<Lane> = []
    /// What the lower lanes have saved up while higher ones were read.
    private var credit: [Lane: Double] = [:]

    private static let share: [Lane: Double] = [.normal: 0.2, .low: 0.1]
    /// With as many free slots, samples of the quiet lanes above travel with the read of the busy one; with fewer they
    /// are asked first.
    private static let together = 16

    func next(free: Int) -> Step {
        guard let leading = backlog.min() else { return .wait(max(1, free / 3)) }
        var rest = free
        var reads: [LaneRead] = []
        for lane in Lane.allCases.reversed() where lane > leading {
            let count = min(Int(credit[lane] ?? 0), rest)
            if count > 0 { reads.append(LaneRead(lane, count)) }
            rest -= count
        }
        let above = Lane.allCases.filter { $0 < leading }
        guard free >= Self.together else {
            return .read([reads].filter { !$0.isEmpty } + (above + [leading]).map { [LaneRead($0, free)] })
        }
        for lane in above where rest > 0 {
            let sample = max(1, rest / 8)
            reads.append(LaneRead(lane, sample))
            rest -= sample
        }
        if rest > 0 { reads.append(LaneRead(leading, rest)) }
        return .read([reads])
    }

    /// Takes note of what a lane gave.
    mutating func received(_ got: Int, of read: LaneRead) {
        if got >= read.count { backlog.insert(read.lane) } else { backlog.remove(read.lane) }
        // A lane that has nothing saves nothing up.
        credit[read.lane] = got < read.count ? 0 : max(0, credit[read.lane, default: 0] - Double(got))
        for (lane, share) in Self.share where read.lane < lane {
            credit[lane] = min(credit[lane, default: 0] + share * Double(got), 100)
        }
    }
}
