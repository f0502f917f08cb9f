import JobRuntime
import Testing

/// What a worker has seen, told to the judge second by second.
@Suite struct WorkerHealthTests {
    /// A judge, what it is told, and when.
    private struct Bench {
        var health = WorkerHealth()
        var queue = WorkerFacts.Queue("mail", slots: 10)
        var isStopping = false
        var now: Duration = .seconds(1000)
        /// Whether the store answers somebody else.
        var storeAnswers = true
        var verdict = WorkerHealth.Verdict()

        init() {
            queue.hasRead = true
            look()
        }

        mutating func look() {
            verdict = health.judge(
                WorkerFacts(queues: [queue], isStopping: isStopping), at: now, storeAnswered: storeAnswers ? now : nil)
        }

        /// Lets seconds go by in which `change` is told of each how long it has been.
        mutating func pass(_ seconds: Int, _ change: (inout WorkerFacts.Queue, Duration) -> Void = { _, _ in }) {
            for second in 1...seconds {
                now += .seconds(1)
                change(&queue, .seconds(second))
                look()
            }
        }

        mutating func passWithoutARead(_ seconds: Int) {
            pass(seconds) { ($0.sinceRead, $0.sinceReadAnswer) = ($1, $1) }
        }

        var sentences: [String] { verdict.faults.map(\.description) }
    }

    @Test func aWorkerThatReadsIsHealthy() {
        var bench = Bench()
        bench.pass(1000)
        #expect(bench.verdict == WorkerHealth.Verdict())
    }

    @Test func aQueueThatIsNotReadIsAFaultAfterThreeOfTheLongestWaits() {
        var bench = Bench()
        bench.passWithoutARead(14)
        #expect(bench.verdict.faults == [])
        bench.passWithoutARead(16)
        #expect(bench.sentences == ["mail has not been read for 16 s: the reader is not answered"])
        #expect(bench.verdict.hindrances == bench.verdict.faults)
        bench.pass(1) { queue, _ in queue.sinceRead = .zero }
        #expect(bench.verdict.faults == [] && bench.verdict.stuckFor == nil)
    }

    @Test func whatIsTheStoresFaultIsNotStuck() {
        var bench = Bench()
        bench.storeAnswers = false
        bench.passWithoutARead(600)
        #expect(bench.verdict.faults.count == 1 && bench.verdict.stuck == [] && bench.verdict.stuckFor == nil)
        // It comes back, and the worker has its time to find it; it does not read all the same.
        bench.storeAnswers = true
        bench.pass(15)
        #expect(bench.verdict.faults.count == 1 && bench.verdict.stuck == [])
        bench.pass(1)
        #expect(bench.verdict.stuck.count == 1 && bench.verdict.stuckFor == .zero)
        bench.pass(30)
        #expect(bench.verdict.stuckFor == .seconds(30))
        // While it is away nothing counts.
        bench.storeAnswers = false
        bench.look()
        #expect(bench.verdict.stuckFor == nil)
    }

    @Test func aReaderThatIsRefusedIsNotStuck() {
        var bench = Bench()
        bench.pass(60) { queue, time in (queue.sinceRead, queue.sinceReadAnswer) = (time, .seconds(2)) }
        #expect(bench.sentences == ["mail has not been read for 60 s: the reader is refused"])
        #expect(bench.verdict.stuck == [])
    }

    @Test func aReaderWithoutASlotReadsNothing() {
        var bench = Bench()
        bench.pass(3000) { queue, time in
            (queue.sinceRead, queue.sinceReadAnswer, queue.inFlight) = (nil, time, 10)
        }
        #expect(bench.verdict == WorkerHealth.Verdict())
    }

    @Test func beforeTheFirstReadItCannotWorkYet() {
        var bench = Bench()
        bench.queue.hasRead = false
        bench.pass(3) { $0.sinceRead = $1 }
        #expect(bench.verdict.faults == [] && bench.verdict.hindrances.count == 1)
    }

    @Test func anAttemptThatNobodyGivesUpIsStuck() {
        var bench = Bench()
        bench.storeAnswers = false
        bench.pass(20) { queue, time in (queue.inFlight, queue.late) = (1, time) }
        #expect(bench.sentences == ["an attempt of mail goes on 20 s after it should have been given up"])
        #expect(bench.verdict.stuckFor == .seconds(5))
    }

    @Test func handlersThatNeverReturnAreStuckOnceTheyHaveAllSlots() {
        var bench = Bench()
        bench.queue.usableSlots = 1
        bench.pass(100)
        #expect(bench.verdict.faults == [])
        bench.queue.usableSlots = 0
        bench.pass(11)
        #expect(bench.sentences == ["all 10 slots of mail are taken by attempts that were given up and go on"])
        #expect(bench.verdict.stuckFor == .seconds(10))
    }

    @Test func outcomesThatAreNotTakenAreStuckWhereTheStoreAnswersOthers() {
        var bench = Bench()
        bench.pass(20) { queue, time in
            (queue.inFlight, queue.unsettled, queue.oldestUnsettled, queue.sinceSettleAnswer) = (3, 3, time, time)
        }
        #expect(bench.sentences == ["3 of mail wait to be settled, one for 20 s: the settler is not answered"])
        #expect(bench.verdict.stuckFor == .seconds(5))
    }

    /// It would come back with less than it knows now.
    @Test func aStoreThatIsFullMakesAWorkerUnreadyAndNothingElse() {
        var bench = Bench()
        bench.pass(600) { queue, time in
            (queue.unsettled, queue.oldestUnsettled, queue.sinceSettleAnswer) = (3, time, .seconds(1))
        }
        #expect(bench.verdict.faults == [] && bench.verdict.stuck == [])
        #expect(
            bench.verdict.hindrances.map(\.description) == [
                "3 of mail wait to be settled, one for 600 s: the settler is refused"
            ])
    }

    @Test func aWorkerWhoseThreadsAreBlockedIsStuckWhateverTheStoreDoes() {
        var bench = Bench()
        bench.storeAnswers = false
        bench.pass(75) { queue, time in (queue.sinceTick, queue.sinceRead, queue.sinceReadAnswer) = (time, time, time) }
        #expect(bench.sentences == ["nothing has run for 75 s: its threads are blocked"])
        #expect(bench.verdict.stuckFor == .seconds(60))
    }

    /// SIGSTOP and SIGCONT, a machine that was suspended, a clock that jumped.
    @Test func whoStoodStillHasItsTimeAgain() {
        var bench = Bench()
        bench.now += .seconds(3600)
        let away: Duration = .seconds(3600)
        (bench.queue.sinceRead, bench.queue.sinceReadAnswer, bench.queue.sinceTick) = (away, away, away)
        (bench.queue.late, bench.queue.unsettled, bench.queue.oldestUnsettled) = (away, 1, away)
        bench.look()
        #expect(bench.verdict.faults == [])
        // What it does then, it does at once; what it does not do is a fault in its time.
        bench.queue.sinceTick = .zero
        (bench.queue.late, bench.queue.unsettled, bench.queue.oldestUnsettled) = (nil, 0, nil)
        bench.pass(14) { ($0.sinceRead, $0.sinceReadAnswer) = (away + $1, away + $1) }
        #expect(bench.verdict.faults == [])
        bench.pass(2) { ($0.sinceRead, $0.sinceReadAnswer) = (away + .seconds(14) + $1, away + .seconds(14) + $1) }
        #expect(bench.sentences == ["mail has not been read for 16 s: the reader is not answered"])
    }

    @Test func whoWasStuckAndStoodStillIsJudgedAnew() {
        var bench = Bench()
        bench.passWithoutARead(100)
        #expect(bench.verdict.stuckFor == .seconds(85))
        bench.now += .seconds(600)
        bench.look()
        #expect(bench.verdict.faults == [] && bench.verdict.stuckFor == nil)
    }

    @Test func whoStopsIsNotJudged() {
        var bench = Bench()
        bench.passWithoutARead(100)
        bench.isStopping = true
        bench.look()
        #expect(bench.verdict == WorkerHealth.Verdict())
    }

    @Test func eachFaultHasATimeOfItsOwn() {
        var bench = Bench()
        bench.passWithoutARead(20)
        bench.pass(10) { queue, _ in queue.usableSlots = 0 }
        #expect(bench.verdict.stuckFor == .seconds(15) && bench.verdict.stuck.count == 2)
        bench.pass(1) { queue, _ in (queue.sinceRead, queue.sinceReadAnswer) = (.zero, .zero) }
        #expect(bench.verdict.stuckFor == .seconds(10) && bench.verdict.stuck.count == 1)
    }
}
