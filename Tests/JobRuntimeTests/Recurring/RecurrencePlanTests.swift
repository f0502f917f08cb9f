import JobRuntime
import Testing

@Suite struct RecurrencePlanTests {
    private let minutely: Recurrence
    private let policies: [MissedTicks] = [.skip(), .latest, .all(limit: 10)]

    init() throws { minutely = try .every(.seconds(60)) }

    private func plan(last: Int64?, now: Int64, _ missed: MissedTicks) -> RecurrencePlan {
        RecurrencePlan(of: minutely, last: last, now: now, missed: missed)
    }

    @Test func atTheFirstStartNothingOfThePastRuns() {
        for policy in policies {
            let plan = plan(last: nil, now: 600_000, policy)
            #expect(plan.due.isEmpty)
            #expect(plan.last == 600_000)
            #expect(plan.skipped == 0)
            #expect(plan.wait == .seconds(60))
        }
    }

    @Test func aTickRunsAsSoonAsItHasCome() {
        for policy in policies {
            #expect(plan(last: 60_000, now: 119_999, policy).due.isEmpty)
            let plan = plan(last: 60_000, now: 120_000, policy)
            #expect(plan.due == [120_000])
            #expect(plan.last == 120_000)
            #expect(plan.skipped == 0)
        }
    }

    @Test func withoutATickNothingMovesOn() {
        let plan = plan(last: 60_000, now: 90_000, .latest)
        #expect(plan.due.isEmpty)
        #expect(plan.last == 60_000)
        #expect(plan.wait == .seconds(30))
    }

    @Test(
        arguments: [
            // Ten ticks came, at 60 s to 600 s; it is 630 s.
            (.skip(), [600_000], 9),
            (.skip(olderThan: .seconds(29)), [], 10),
            (.skip(olderThan: .seconds(30)), [600_000], 9),
            (.skip(olderThan: .seconds(90)), [540_000, 600_000], 8),
            (.latest, [600_000], 9),
            (.all(limit: 3), [480_000, 540_000, 600_000], 7),
            (.all(limit: 0), [600_000], 9),
            (.all(limit: 10), (1...10).map { $0 * 60_000 }, 0),
        ] as [(MissedTicks, [Int64], Int)])
    func missedTicksAreRunByThePolicy(missed: MissedTicks, due: [Int64], skipped: Int) {
        let plan = plan(last: 0, now: 630_000, missed)
        #expect(plan.due == due)
        #expect(plan.skipped == skipped)
        #expect(plan.last == 600_000, "handled, run or not")
        #expect(plan.wait == .seconds(30))
    }

    @Test func aGraceThatHoldsManyTicksIsBounded() throws {
        let plan = RecurrencePlan(
            of: try .every(.milliseconds(1)), last: 0, now: 5000, missed: .skip(olderThan: .seconds(60)))
        #expect(plan.due == Array(4001...5000))
        #expect(plan.skipped == 4000)
        #expect(RecurrencePlan.mostWithinGrace == 1000)
    }

    @Test func aClockPutBackRunsNothingTwice() {
        let plan = plan(last: 600_000, now: 400_000, .all(limit: 10))
        #expect(plan.due.isEmpty)
        #expect(plan.last == 600_000)
        #expect(plan.skipped == 0)
        #expect(plan.wait == .seconds(260), "until the tick after the last one handled")
    }

    @Test func planAfterPlanRunsEveryTickOnce() {
        var (last, now, ran): (Int64?, Int64, [Int64]) = (nil, 30_000, [])
        while now < 1_000_000, let wait = plan(last: last, now: now, .latest).wait {
            let step = plan(last: last, now: now, .latest)
            ran += step.due
            last = step.last
            now += Int64(wait / .milliseconds(1)) + 3
        }
        #expect(ran == (1...16).map { $0 * 60_000 })
    }
}
