import JobRuntime

/// The counts of a worker as its journal has them.
struct WorkerTally: Sendable, Equatable {
    var done = 0
    var failed = 0
    var snoozed = 0
    var expired = 0
    var fenced = 0
    var reclaimed = 0
    var released = 0
    var abandoned = 0

    init() {}

    init(_ counts: WorkerCounts) {
        (done, failed, snoozed, expired) = (counts.done, counts.failed, counts.snoozed, counts.expired)
        (fenced, reclaimed, released) = (counts.fenced, counts.reclaimed, counts.released)
        abandoned = counts.abandoned
    }

    init?(_ values: [Int]) {
        guard values.count == 8 else { return nil }
        (done, failed, snoozed, expired) = (values[0], values[1], values[2], values[3])
        (fenced, reclaimed, released, abandoned) = (values[4], values[5], values[6], values[7])
    }

    var values: [Int] { [done, failed, snoozed, expired, fenced, reclaimed, released, abandoned] }

    static func + (a: WorkerTally, b: WorkerTally) -> WorkerTally {
        WorkerTally(zip(a.values, b.values).map(+)) ?? a
    }
}
