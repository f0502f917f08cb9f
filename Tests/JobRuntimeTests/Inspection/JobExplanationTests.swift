import Testing

@testable import JobRuntime

/// What is said of a job, from the facts.
@Suite struct JobExplanationTests {
    private let facts = JobFacts.sample

    /// What is said of a job in a state.
    private func explain(_ state: JobRecord.State, _ change: (inout JobFacts) -> Void = { _ in }) -> JobExplanation {
        var facts = facts
        facts.record?.state = state
        change(&facts)
        return JobExplanation(facts)
    }

    // MARK: Waiting

    @Test func aJobThatWaitsSaysBehindHowMany() {
        let job = explain(.queued) { $0.ahead = 3 }
        #expect(job.state == .waiting)
        #expect(job.ahead == 3)
        #expect(job.isFurtherBack == false)
        #expect(job.obstacles == [])
        #expect(job.summary == "Waiting behind 3 in the normal lane of work; a worker will take it.")
        #expect((job.queue, job.lane, job.kind, job.attempt) == ("work", .normal, "note", 1))
        #expect(job.enqueuedAt == Moment(JobFacts.at - 5000))
        #expect(job.age == 5000)
        #expect(job.until == nil && job.since == nil && job.consumer == nil && job.isWorkerAlive == nil)
    }

    @Test func theNextInLineSaysSo() {
        #expect(explain(.queued).summary.hasPrefix("Waiting, next in line in the normal lane of work"))
    }

    @Test func nobodyCountsForEver() {
        let last = explain(.queued) { $0.ahead = JobFacts.countingEnds }
        #expect(last.ahead == 10_000 && last.isFurtherBack == false)
        let beyond = explain(.queued) { $0.ahead = JobFacts.countingEnds + 1 }
        #expect(beyond.ahead == 10_000 && beyond.isFurtherBack == true)
        #expect(beyond.summary.hasPrefix("Waiting behind more than 10000 others in"))
    }

    @Test func moreUrgentLanesAreNamed() {
        let job = explain(.queued) {
            $0.record?.lane = .low
            $0.moreUrgent = 7
        }
        #expect(job.lane == .low)
        #expect(
            job.summary
                == "Waiting, next in line in the low lane of work, with 7 in more urgent lanes; a worker will take it.")
    }

    // MARK: Obstacles

    @Test func everyObstacleIsNamedTheFirstToBeClearedFirst() {
        let nobody = explain(.queued) { $0.readers = [] }
        #expect(nobody.obstacles == [.noWorker])
        #expect(nobody.summary.hasSuffix(": no living worker reads the queue."))

        let paused = explain(.queued) {
            $0.readers = []
            $0.isPaused = true
        }
        #expect(paused.obstacles == [.paused, .noWorker])
        #expect(paused.summary.hasSuffix(": the queue is paused, and no living worker reads the queue."))

        let strange = explain(.queued) { $0.record?.kind = "strange" }
        #expect(strange.obstacles == [.noHandler])
        #expect(strange.summary.hasSuffix(": no living worker has a handler for strange."))

        let busy = explain(.queued) { $0.held = 5 }
        #expect(busy.obstacles == [.slotsBusy])
        #expect(busy.summary.hasSuffix(": all 5 slots of its workers are busy."))
        #expect(explain(.queued) { $0.held = 4 }.obstacles == [])
    }

    @Test func oneWorkerWithAHandlerIsEnough() {
        let job = explain(.queued) { facts in
            var other = facts.readers[0]
            other.kinds = ["other"]
            facts.readers.insert(other, at: 0)
            facts.held = 5
        }
        #expect(job.obstacles == [], "and there are ten slots")
    }

    @Test func whatIsDelayedDoesNotWaitForASlot() {
        #expect(explain(.scheduled(due: JobFacts.at + 1000)) { $0.held = 5 }.obstacles == [])
    }

    // MARK: Delayed

    @Test(arguments: [
        (JobRecord.State.scheduled(due: JobFacts.at + 60_000), JobExplanation.State.scheduled, "Scheduled: due at "),
        (.retrying(due: JobFacts.at + 60_000), .retrying, "Attempt 1 follows: due at "),
        (
            .snoozed(due: JobFacts.at + 60_000, reason: "breaker open"), .snoozed,
            "Put off, without an attempt being spent: due at "
        ),
        (
            .parked(due: JobFacts.at + 60_000), .parked,
            "Put off because no worker that was given it has a handler for note: due at "
        ),
    ])
    func aDelayedJobSaysUntilWhen(state: JobRecord.State, expected: JobExplanation.State, beginning: String) {
        let job = explain(state) {
            $0.record?.settledAt = JobFacts.at - 2000
            $0.record?.error = "no line"
        }
        #expect(job.state == expected)
        #expect(job.until == Moment(JobFacts.at + 60_000))
        #expect(job.since == Moment(JobFacts.at - 2000))
        #expect(job.summary.hasPrefix(beginning + "2026-11-21T15:34:26.746Z, in 1 min."))
        #expect(job.ahead == nil)
        if case .retrying = expected { #expect(job.summary.hasSuffix("The last one failed: no line")) }
        if case .snoozed = expected {
            #expect(job.reason == "breaker open")
            #expect(job.summary.hasSuffix("Because: breaker open"))
        }
    }

    @Test func whatIsDueIsMovedSoonUnlessNobodyMovesIt() {
        let due = JobRecord.State.retrying(due: JobFacts.at - 1000)
        #expect(
            explain(due).summary.contains(
                "was due at 2026-11-21T15:33:25.746Z, 1.0 s ago, and is moved to its queue soon"))
        let job = explain(due) { $0.readers = [] }
        #expect(!job.summary.contains("soon"))
        #expect(job.summary.contains("1.0 s ago. But no living worker reads the queue."))
        let paused = explain(.scheduled(due: JobFacts.at + 1000)) { $0.isPaused = true }
        #expect(paused.summary.hasSuffix("in 1.0 s. But the queue is paused."))
    }

    // MARK: Gone astray

    @Test(arguments: [
        JobRecord.State.queued, .scheduled(due: 1), .retrying(due: 1), .snoozed(due: 1, reason: ""), .parked(due: 1),
    ])
    func whatIsNotWhereItsRecordSaysIsLost(state: JobRecord.State) {
        let job = explain(state) { $0.isInPlace = false }
        #expect(job.state == .lost)
        #expect(job.until == nil && job.ahead == nil && job.obstacles == [])
        #expect(job.summary.contains("somebody deleted it from Redis"))
    }

    @Test func ofAnUnknownIdItIsSaidWhenItWasMade() {
        let id = JobID(milliseconds: JobFacts.at - 60_000)
        let job = JobExplanation(JobFacts(id: id, now: Moment(JobFacts.at)))
        #expect(job.state == .notFound)
        #expect(job.id == id)
        #expect(job.summary.contains("Its id was made at 2026-11-21T15:32:26.746Z, 1 min ago."))
        #expect(job.queue == nil && job.age == nil)
    }
}
