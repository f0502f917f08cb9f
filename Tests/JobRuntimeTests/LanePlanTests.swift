import TestSupport
import Testing

@testable import JobRuntime

/// Three lanes of jobs, read by a plan as the reader does it.
private struct Source {
    var waiting: [Lane: Int]
    var taken: [Lane: Int] = [:]
    var plan = LanePlan()

    init(high: Int = 0, normal: Int = 0, low: Int = 0) { waiting = [.high: high, .normal: normal, .low: low] }

    var isEmpty: Bool { waiting.values.allSatisfy { $0 == 0 } }

    func count(_ lane: Lane) -> Int { waiting[lane, default: 0] }

    /// One step of the plan.
    ///
    /// - Returns: what it gave, lane by lane, in the order it was read.
    @discardableResult
    mutating func step(free: Int) -> [(lane: Lane, got: Int)] {
        switch plan.next(free: free) {
        case .wait(let count):
            #expect(count >= 1 && count * 3 <= max(3, free))
            return Lane.allCases.map { give(LaneRead($0, count)) }
        case .read(let groups):
            var (left, given) = (free, [(lane: Lane, got: Int)]())
            for group in groups where left > 0 {
                let reads = group.map { LaneRead($0.lane, min($0.count, left)) }
                #expect(reads.allSatisfy { $0.count >= 1 })
                #expect(reads.reduce(0) { $0 + $1.count } <= left, "more is asked for than there are slots")
                let got = reads.map { give($0) }
                left -= got.reduce(0) { $0 + $1.got }
                given += got
            }
            return given
        }
    }

    private mutating func give(_ read: LaneRead) -> (lane: Lane, got: Int) {
        let got = min(read.count, count(read.lane))
        waiting[read.lane, default: 0] -= got
        taken[read.lane, default: 0] += got
        plan.received(got, of: read)
        return (read.lane, got)
    }
}

@Suite struct LanePlanTests {
    private static let slots = [1, 2, 3, 7, 15, 16, 17, 50, 100, 500]
    private static let plenty = 1_000_000

    @Test(arguments: [1, 2, 3, 15, 100])
    func anIdlePlanWaitsOnAllLanes(free: Int) {
        var source = Source()
        for _ in 0..<3 {
            #expect(source.plan.next(free: free) == .wait(max(1, free / 3)))
            source.step(free: free)
        }
    }

    @Test(arguments: slots)
    func whenAllIsTakenItWaitsAgain(free: Int) {
        var source = Source(high: 300, normal: 200, low: 100)
        var steps = 0
        while !source.isEmpty, steps < 2000 {
            source.step(free: free)
            steps += 1
        }
        #expect(source.isEmpty)
        // What the last steps found empty is known to be so after one look at each lane.
        for _ in 0..<3 { source.step(free: free) }
        #expect(source.plan.next(free: free) == .wait(max(1, free / 3)))
    }

    @Test(arguments: slots)
    func whileHigherLanesAreNeverEmptyTheLowerHaveTheirShare(free: Int) {
        var source = Source(high: Self.plenty, normal: Self.plenty, low: Self.plenty)
        let steps = max(2000, 20_000 / free)
        for _ in 0..<steps { source.step(free: free) }
        let (high, normal, low) = (source.taken[.high] ?? 0, source.taken[.normal] ?? 0, source.taken[.low] ?? 0)
        #expect((0.18...0.22).contains(Double(normal) / Double(high)), "a fifth of what high had: \(normal), \(high)")
        #expect(
            (0.09...0.11).contains(Double(low) / Double(high + normal)), "a tenth of what the others had: \(low)")
    }

    @Test(arguments: slots)
    func normalIsToLowAsHighIsToBoth(free: Int) {
        var source = Source(normal: Self.plenty, low: Self.plenty)
        for _ in 0..<2000 { source.step(free: free) }
        let (normal, low) = (source.taken[.normal] ?? 0, source.taken[.low] ?? 0)
        #expect((0.08...0.11).contains(Double(low) / Double(normal)), "\(low) of \(normal)")
    }

    /// A flood of a lower lane, and then something urgent: it is read with the next step that has room for it.
    @Test(arguments: slots, [Lane.normal, .low])
    func whatIsUrgentIsReadNextHoweverMuchElseWaits(free: Int, flood: Lane) {
        var source = Source()
        source.waiting[flood] = Self.plenty
        for _ in 0..<200 { source.step(free: free) }
        source.waiting[.high] = 1
        let given = source.step(free: free)
        let before = given.prefix { $0.lane != .high || $0.got == 0 }
        if free < 16 {
            // One at a time, in order: only what low has saved up may go before.
            #expect(before.allSatisfy { $0.lane == .low || $0.got == 0 })
            if source.count(.high) == 1 { source.step(free: free) }
        }
        #expect(source.count(.high) == 0)
    }

    @Test(arguments: slots)
    func aBurstOfHighIsReadBeforeAnythingOfTheFloodBelowButItsShare(free: Int) {
        var source = Source(normal: Self.plenty)
        for _ in 0..<200 { source.step(free: free) }
        source.waiting[.high] = 1000
        let before = source.taken[.normal] ?? 0
        var steps = 0
        while source.count(.high) > 0, steps < 5000 {
            source.step(free: free)
            steps += 1
        }
        let during = (source.taken[.normal] ?? 0) - before
        // A fifth, and one step in which the burst was not known yet and one in which it ended.
        #expect(during <= 200 + 2 * free, "\(during) of normal were read while high had more")
    }

    /// Whatever comes and goes: nothing stands still, nobody is asked for more than fits.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func withAnyTrafficEveryLaneProgresses(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let free = Self.slots.randomElement(using: &random) ?? 1
        var source = Source()
        var idle: [Lane: Int] = [:]
        for _ in 0..<3000 {
            for lane in Lane.allCases where Bool.random(using: &random) {
                source.waiting[lane, default: 0] += Int.random(in: 0...2 * free, using: &random)
            }
            let had = source.waiting
            let given = source.step(free: Int.random(in: 1...free, using: &random))
            for lane in Lane.allCases {
                let got = given.contains { $0.lane == lane && $0.got > 0 }
                idle[lane] = got || had[lane] == 0 ? 0 : idle[lane, default: 0] + 1
                #expect(idle[lane, default: 0] <= 20, "\(lane) had jobs and was passed over \(idle[lane] ?? 0) times")
            }
        }
        #expect(source.taken.values.reduce(0, +) > 0)
    }
}
