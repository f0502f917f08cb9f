import Testing

@testable import JobRuntime

/// What is said of a job that is delivered, and of one that has ended.
@Suite struct JobExplanationEndsTests {
    private func explain(_ state: JobRecord.State, _ change: (inout JobFacts) -> Void = { _ in }) -> JobExplanation {
        var facts = JobFacts.sample
        facts.record?.state = state
        facts.record?.settledAt = JobFacts.at - 2000
        facts.record?.consumer = "b-2-y"
        facts.record?.deliveries = 1
        facts.record?.error = "no line"
        change(&facts)
        return JobExplanation(facts)
    }

    // MARK: Running

    private let running = JobRecord.State.running(consumer: "a-1-x", idle: 400, deliveries: 2)

    @Test func whatRunsSaysWhereAndSinceWhen() {
        let job = explain(running) {
            $0.runner = $0.readers[0]
            $0.runner?.longest = [.init(JobID(), since: Moment(1)), .init($0.id, since: Moment(JobFacts.at - 3000))]
        }
        #expect(job.state == .running)
        #expect((job.consumer, job.deliveries, job.isWorkerAlive) == ("a-1-x", 2, true))
        #expect(job.since == Moment(JobFacts.at - 3000))
        #expect(job.until == nil && job.obstacles == [])
        #expect(
            job.summary
                == "Being run by a-1-x since 2026-11-21T15:33:23.746Z, 3.0 s ago: attempt 1, delivery 2.")
    }

    @Test func whatTheHeartbeatDoesNotShowRunsSinceItWasLastTouched() {
        let job = explain(running) { $0.runner = $0.readers[0] }
        #expect(job.since == Moment(JobFacts.at - 400))
    }

    @Test func nothingRunsBeforeItWasEnqueued() {
        let job = explain(running) {
            $0.runner = $0.readers[0]
            $0.runner?.longest = [.init($0.id, since: Moment(JobFacts.at - 5001))]
        }
        #expect(job.since == Moment(JobFacts.at - 5000))
    }

    @Test func aLateHeartbeatIsToldOf() {
        let late = explain(running) {
            $0.runner = $0.readers[0]
            $0.runner?.seenAt = Moment(JobFacts.at - 9000)
        }
        #expect(
            late.summary.hasSuffix(
                "But its last heartbeat was 9.0 s ago: without another it counts as dead at "
                    + "2026-11-21T15:33:32.746Z, in 6.0 s."))
        let regular = explain(running) {
            $0.runner = $0.readers[0]
            $0.runner?.seenAt = Moment(JobFacts.at - 5500)
        }
        #expect(!regular.summary.contains("heartbeat"))
    }

    @Test func whatASilentWorkerHoldsIsTakenOverByTheOneWithTheShortestLease() {
        let job = explain(running) { facts in
            var quick = facts.readers[0]
            quick.lease = 20_000
            facts.readers.append(quick)
        }
        #expect(job.state == .running)
        #expect(job.isWorkerAlive == false)
        #expect(job.since == nil)
        #expect(job.until == Moment(JobFacts.at - 400 + 20_000))
        #expect(
            job.summary
                == "Held by a-1-x (attempt 1, delivery 2), which shows no sign of life; last heard of it at "
                + "2026-11-21T15:33:26.346Z, 400 ms ago: another worker takes it over at about "
                + "2026-11-21T15:33:46.346Z, in 19.6 s.")
        let overdue = explain(.running(consumer: "a-1-x", idle: 30_000, deliveries: 1))
        #expect(overdue.summary.hasSuffix("its lease has run out, and another worker takes it over at its next look."))
    }

    @Test func whereNobodyReadsNobodyTakesOver() {
        let job = explain(running) { $0.readers = [] }
        #expect(job.until == nil)
        #expect(job.obstacles == [.noWorker])
        #expect(job.summary.hasSuffix("no living worker reads the queue, so nobody takes it over."))
    }

    // MARK: Ended

    @Test func whatSucceededSaysNothingOfEarlierErrors() {
        let job = explain(.succeeded(result: #"{"id":"SM1"}"#)) { $0.record?.attempt = 3 }
        #expect(job.state == .succeeded)
        #expect(job.result == #"{"id":"SM1"}"#)
        #expect(job.error == nil)
        #expect(job.summary == "Done at 2026-11-21T15:33:24.746Z, 2.0 s ago, on attempt 3.")
        #expect((job.consumer, job.deliveries, job.since) == ("b-2-y", 1, Moment(JobFacts.at - 2000)))
    }

    @Test func whatIsDeadSaysWhyAndWhereItsLetterIs() {
        let job = explain(.dead(reason: .exhausted))
        #expect(job.state == .dead)
        #expect((job.reason, job.error, job.deadLetter) == ("exhausted", "no line", "\(JobFacts.at)-0"))
        #expect(job.summary == "Dead since 2026-11-21T15:33:24.746Z, 2.0 s ago; exhausted: no line")
        let dropped = explain(.dead(reason: .exhausted)) { $0.isInPlace = false }
        #expect(dropped.state == .dead)
        #expect(dropped.deadLetter == nil)
        #expect(dropped.summary.hasSuffix("no line (Its dead letter was dropped.)"))
    }

    @Test func whatMayHaveHadItsEffectIsHeld() {
        let job = explain(.unknown)
        #expect(job.state == .unknown)
        #expect((job.reason, job.deadLetter) == ("unknown", "\(JobFacts.at)-0"))
        #expect(job.summary.hasPrefix("Held since 2026-11-21T15:33:24.746Z, 2.0 s ago, because it may or may not"))
        #expect(job.summary.hasSuffix(": no line"))
    }

    @Test func whatWasTakenBackOrExpiredSaysWhen() {
        let canceled = explain(.canceled)
        #expect(canceled.state == .canceled)
        #expect(canceled.summary == "Canceled at 2026-11-21T15:33:24.746Z, 2.0 s ago: no worker runs it.")
        let expired = explain(.expired)
        #expect(expired.state == .expired)
        #expect(expired.summary == "Expired at 2026-11-21T15:33:24.746Z, 2.0 s ago: no line")
        let silent = explain(.expired) { $0.record?.error = nil }
        #expect(silent.summary.hasSuffix(": no error was kept"))
    }

    // MARK: Reports

    @Test func aDiscardedJobSaysWhy() {
        let job = explain(.discarded(reason: DeadReason(rawValue: "suppressed")))
        #expect((job.state, job.reason, job.error) == (.discarded, "suppressed", "no line"))
        #expect(job.summary == "Discarded at 2026-11-21T15:33:24.746Z, 2.0 s ago; suppressed: no line")
        #expect(job.deadLetter == nil && job.obstacles.isEmpty)
    }

    @Test(arguments: [JobRecord.State.succeeded(result: "1"), .unknown, .queued, .retrying(due: 5)])
    func whatSomebodyElseSaidIsShownInAnyState(state: JobRecord.State) {
        let job = explain(state) {
            $0.record?.report = .init(name: "delivered", rank: 100, at: JobFacts.at - 500, detail: "{}")
        }
        #expect(job.report == .init(name: "delivered", rank: 100, at: Moment(JobFacts.at - 500), detail: "{}"))
        #expect(explain(state).report == nil)
    }
}
