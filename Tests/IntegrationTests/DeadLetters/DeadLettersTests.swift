import NIOCore
import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What an operator does with dead letters.
@Suite struct DeadLettersTests {
    private func letters(_ bench: Bench) -> DeadLetters { JobStore(bench.store).deadLetters }

    private func oldest(_ bench: Bench) async throws -> DeadLetter {
        try #require(try await letters(bench).list("work", limit: 1).letters.first)
    }

    /// So many jobs that have died of a reason, oldest first.
    @discardableResult
    private func dead(
        _ count: Int, of reason: DeadReason = .permanent, error: String = "no such number", in bench: Bench
    ) async throws -> [JobID] {
        let jobs = try await bench.delivered(count, to: "a")
        let state: Settlement.DeadState = reason == .unknown ? .unknown : .dead
        _ = try await bench.settle(jobs.map { ($0, .dead(state: state, reason: reason, error: error)) }, by: "a")
        return jobs.map(\.job)
    }

    /// Letters as they would lie there, quickly; numbered from 1 by their ids, `<number>-0`.
    private func lay(_ count: Int, reason: String = "permanent", in bench: Bench) async throws {
        let script = """
            for i = 1, \(count) do
                redis.call('XADD', KEYS[1], i .. '-0', 'id', string.format('01a1febd-aedd-7000-ad35-%012x', i),
                    'kind', 'note', 'attempt', '5', 'at', '1', 'payload', '{"number":' .. i .. '}', 'meta', '{}',
                    'reason', '\(reason)', 'error', 'number ' .. i, 'died_at', i)
            end
            """
        try await bench.redis.ask("EVAL", script, "1", bench.keys.dead("work"))
    }

    // MARK: Looking

    @Test func theyAreListedInPagesOldestFirst() async throws {
        try await withBench { bench in
            try await lay(250, in: bench)
            var (found, after) = ([String](), DeadLetter.ID?.none)
            for expected in [120, 120, 10] {
                let page = try await letters(bench).list("work", after: after, limit: 120)
                #expect(page.letters.count == expected)
                found += page.letters.map(\.error)
                #expect((page.next == nil) == (expected == 10))
                after = page.next
            }
            #expect(found == (1...250).map { "number \($0)" })
            let whole = try await letters(bench).list("work", limit: 250)
            #expect(whole.letters.count == 250 && whole.next == nil, "there is no page after the last")
            #expect(try await letters(bench).list("unheard of") == DeadLetters.Page(letters: [], next: nil))
        }
    }

    @Test func aFilterLooksBehindThePagesThatDoNotMatch() async throws {
        try await withBench { bench in
            try await lay(250, in: bench)
            let page = try await letters(bench).list("work", matching: DeadLetterFilter(error: "NUMBER 24"), limit: 5)
            #expect(page.letters.map(\.error) == ["number 24", "number 240", "number 241", "number 242", "number 243"])
            let next = try await letters(bench).list(
                "work", matching: DeadLetterFilter(error: "number 24"), after: page.next, limit: 50)
            #expect(next.letters.map(\.error) == (244...249).map { "number \($0)" })
            #expect(next.next == nil)
        }
    }

    @Test func whenTheyDiedIsWhereTheyStand() async throws {
        try await withBench { bench in
            try await lay(250, in: bench)
            func errors(_ filter: DeadLetterFilter) async throws -> [String] {
                try await letters(bench).list("work", matching: filter, limit: 300).letters.map(\.error)
            }
            #expect(
                try await errors(DeadLetterFilter(diedBefore: 204, diedAfter: 200))
                    == ["number 201", "number 202", "number 203"])
            #expect(try await errors(DeadLetterFilter(diedAfter: 250)).isEmpty)
            #expect(try await errors(DeadLetterFilter(diedBefore: 1)).isEmpty)
            #expect(try await errors(DeadLetterFilter(diedBefore: 251)).count == 250)
        }
    }

    @Test func nothingComesAfterTheLastIdThatThereCanBe() async throws {
        try await withBench { bench in
            try await lay(3, in: bench)
            let page = try await letters(bench).list("work", after: DeadLetter.ID(.last), limit: 5)
            #expect(page.letters.isEmpty && page.next == nil)
        }
    }

    @Test func oneIsShownByItsOwnIdOrItsJobs() async throws {
        try await withBench { bench in
            let jobs = try await dead(3, in: bench)
            let all = try await letters(bench).list("work").letters
            try #require(all.count == 3)
            for (job, letter) in zip(jobs, all) {
                #expect(try await letters(bench).show(job, of: "work") == letter)
                #expect(try await letters(bench).show(letter.id, of: "work") == letter)
                #expect(try await letters(bench).show(job, of: "other") == nil)
            }
            try await bench.redis.ask("DEL", bench.keys.record(jobs[2]))
            #expect(try await letters(bench).show(jobs[2], of: "work") == all[2], "its record is gone")
            #expect(try await letters(bench).show(JobID(), of: "work") == nil)
            for id in ["0-0", "1-0", "99999999999999-0"] {
                #expect(try await letters(bench).show(#require(DeadLetter.ID(id)), of: "work") == nil)
            }
        }
    }

    @Test func oneWithoutATimeDiedWhenItWasLaid() async throws {
        try await withBench { bench in
            try await bench.redis.ask("XADD", bench.keys.dead("work"), "7000-0", "id", "x", "reason", "odd")
            let letter = try #require(try await letters(bench).list("work").letters.first)
            #expect(letter.diedAt == 7000)
            #expect(!letter.isRedrivable)
        }
    }

    @Test func theyAreCountedByReason() async throws {
        try await withBench { bench in
            try await dead(3, in: bench)
            try await dead(2, of: .unknown, error: "cut off", in: bench)
            #expect(try await letters(bench).count("work", .all) == [.permanent: 3, .unknown: 2])
            #expect(
                try await letters(bench).count("work", .matching(DeadLetterFilter(error: "cut"))) == [.unknown: 2])
            let one = try await oldest(bench).id
            #expect(try await letters(bench).count("work", .letters([one])) == [.permanent: 1])
        }
    }

    // MARK: Redriving

    @Test func allAreRedrivenPageByPage() async throws {
        try await withBench { bench in
            try await lay(250, in: bench)
            let steps = Locked<[Int]>([])
            let tally = try await letters(bench).redrive("work", .all) { tally in steps.update { $0.append(tally.done) }
            }
            #expect((tally.matched, tally.done, tally.held, tally.gone) == (250, 250, 0, 0))
            #expect(steps.value == [100, 200, 250])
            #expect(try await bench.deadCount() == 0)
            #expect(try await bench.length() == 250)
        }
    }

    @Test func onlyWhatMatchesIsRedriven() async throws {
        try await withBench { bench in
            try await lay(250, in: bench)
            let tally = try await letters(bench).redrive("work", .matching(DeadLetterFilter(error: "number 24")))
            #expect((tally.matched, tally.done) == (11, 11))
            #expect(try await bench.deadCount() == 239)
            #expect(try await bench.length() == 11)
        }
    }

    @Test func someAreRedrivenByTheirIds() async throws {
        try await withBench { bench in
            try await lay(5, in: bench)
            let ids = try ["2-0", "4-0", "77-0"].map { try #require(DeadLetter.ID($0)) }
            let tally = try await letters(bench).redrive("work", .letters(ids))
            #expect((tally.matched, tally.done, tally.gone) == (2, 2, 0))
            #expect(try await letters(bench).list("work").letters.map { "\($0.id)" } == ["1-0", "3-0", "5-0"])
        }
    }

    @Test func whatMayHaveHadItsEffectIsLeftUnlessItIsNamed() async throws {
        try await withBench { bench in
            try await dead(1, in: bench)
            try await dead(3, of: .unknown, error: "cut off", in: bench)
            try await dead(1, of: .crashLoop, error: "cut off again and again", in: bench)
            let deadLetters = letters(bench)
            let first = try await deadLetters.redrive("work", .all)
            #expect((first.matched, first.done, first.held) == (5, 1, 4))
            let none = try await deadLetters.redrive("work", .matching(DeadLetterFilter(error: "cut off")))
            #expect((none.matched, none.done, none.held) == (4, 0, 4))

            let byId = try await deadLetters.redrive("work", .letters([oldest(bench).id]))
            #expect((byId.done, byId.held) == (1, 0))
            let job = try #require(try await oldest(bench).job)
            let byJob = try await deadLetters.redrive("work", .matching(DeadLetterFilter(jobs: [job])))
            #expect((byJob.done, byJob.held) == (1, 0))
            var filter = DeadLetterFilter(reason: .unknown)
            filter.diedBefore = try await oldest(bench).diedAt + 1
            #expect(try await deadLetters.redrive("work", .matching(filter)).held == 0)
            #expect(try await deadLetters.redrive("work", .all).held == 1, "what crashed may have had its effect, too")
            _ = try await deadLetters.redrive("work", .all, includingUnknown: true)
            #expect(try await bench.deadCount() == 0)
        }
    }

    /// A script that is held up takes the time first, and gives the letter its id later.
    @Test func aLetterIsFoundByWhenItDiedAndNotByWhenItWasWritten() async throws {
        try await withBench { bench in
            try await bench.redis.ask(
                "XADD", bench.keys.dead("work"), "2000-0", "id", "\(JobID())", "reason", "lost", "died_at", "1990")
            let before = try await letters(bench).redrive("work", .matching(DeadLetterFilter(diedBefore: 1991)))
            #expect(before.matched == 1)
            let earlier = try await letters(bench).redrive("work", .matching(DeadLetterFilter(diedBefore: 1990)))
            #expect(earlier.matched == 0)
        }
    }

    @Test func whatIsNoJobAnyMoreIsLeft() async throws {
        try await withBench { bench in
            try await lay(2, in: bench)
            try await bench.redis.ask(
                "XADD", bench.keys.dead("work"), "*", "id", "\(JobID())", "reason", "lost", "died_at", "5")
            let tally = try await letters(bench).redrive("work", .all)
            #expect((tally.matched, tally.done, tally.notRedrivable) == (3, 2, 1))
            #expect(try await bench.deadCount() == 1)
        }
    }

    /// A letter that is redriven and dies again at once is not met again: the walk ends where it began.
    @Test(.timeLimit(.minutes(5))) func whatDiesAgainMeanwhileIsLeft() async throws {
        try await withBench { bench in
            try await dead(130, in: bench)
            let runs = Runs()
            let worker = bench.worker(
                .notes(runs, policy: RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 1)) { _, _ in
                    .retry(error: "still no such number")
                })
            try await running(worker) {
                try await eventually("it reads") { try await bench.isReading(worker) }
                let tally = try await letters(bench).redrive("work", .all, perSecond: 100)
                #expect(tally.done == 130)
                try await eventually("all are dead again") { try await bench.deadCount() == 130 }
            }
            #expect(runs.total == 130)
        }
    }

    @Test func theRateIsKept() async throws {
        try await withBench { bench in
            try await lay(20, in: bench)
            let begin = ContinuousClock.now
            let steps = Locked<[(done: Int, at: Duration)]>([])
            let tally = try await letters(bench).redrive("work", .all, perSecond: 8) { tally in
                steps.update { $0.append((tally.done, ContinuousClock.now - begin)) }
            }
            #expect(tally.done == 20)
            #expect(steps.value.map(\.done) == Array(stride(from: 2, through: 20, by: 2)), "a few steps a second")
            // A slow machine is later, never earlier.
            for (done, at) in steps.value { #expect(at >= .seconds(Double(done - 2) / 8)) }
        }
    }

    @Test func whoeverIsCancelledStops() async throws {
        try await withBench { bench in
            try await lay(150, in: bench)
            let tally = try await withThrowingTaskGroup(of: DeadLetters.Tally.self) { group in
                let isBegun = Locked(false)
                group.addTask {
                    try await letters(bench).redrive("work", .all, perSecond: 4) { _ in isBegun.value = true }
                }
                try await eventually("it has begun") { isBegun.value }
                group.cancelAll()
                return try #require(try await group.next())
            }
            #expect((1..<150).contains(tally.done))
            #expect(try await bench.length() == Int64(tally.done))
        }
    }

    // MARK: Dropping

    @Test func theyAreDroppedAsTheyWouldBeRedrivenAndTheUnknownToo() async throws {
        try await withBench { bench in
            let jobs = try await dead(2, in: bench) + dead(3, of: .unknown, in: bench)
            let some = try await letters(bench).drop("work", .matching(DeadLetterFilter(reason: .permanent)))
            #expect((some.matched, some.done) == (2, 2))
            #expect(try await letters(bench).drop("work", .all).done == 3)
            #expect(try await bench.deadCount() == 0)
            #expect(try await bench.length() == 0)
            for job in jobs { #expect(try await bench.record(job)["dropped"] != nil) }
            #expect(try await letters(bench).drop("work", .all) == DeadLetters.Tally())
        }
    }

    @Test func ofOperatorsAtTheSameTimeEachIsToldWhatItDidItself() async throws {
        try await withBench { bench in
            try await lay(150, in: bench)
            let tallies = try await withThrowingTaskGroup(of: DeadLetters.Tally.self) { operators in
                for rate in [300, 400, 500] {
                    operators.addTask { try await letters(bench).redrive("work", .all, perSecond: rate) }
                }
                return try await operators.reduce(into: []) { $0.append($1) }
            }
            #expect(tallies.reduce(0) { $0 + $1.done } == 150)
            #expect(tallies.allSatisfy { $0.matched == $0.done + $0.gone })
            #expect(try await bench.length() == 150)
        }
    }
}
