import JobRuntime
import Redis
import TestSupport
import Testing

@testable import Ingress

/// The script alone, by a clock that is set by hand.
@Suite struct AdmitScriptTests {
    private static let second: Int64 = 1_000_000

    @Test func oneInAMinuteIsOneInAnyMinute() async throws {
        try await LimitBench.run { bench in
            let (ask, start) = (bench.rate(1, 60), LimitBench.start + 345_678)
            #expect(try await bench.admit(ask, at: start).verdict == .admitted)
            for (wait, verdict) in [
                (0, Standing.Verdict.overRate), (1, .overRate), (60 * Self.second - 1, .overRate),
                (60 * Self.second, .admitted), (120 * Self.second - 1, .overRate), (120 * Self.second, .admitted),
            ] {
                let standing = try await bench.admit(ask, at: start + wait)
                #expect(standing.verdict == verdict, "after \(wait)")
                #expect(standing.rate?.remaining == 0)
                if verdict == .overRate {
                    let left = 60 * Self.second - wait % (60 * Self.second)
                    #expect(standing.rate?.wait == left)
                    #expect(standing.rate?.reset == start + wait + left)
                }
            }
        }
    }

    /// Against a model that remembers every request.
    @Test(arguments: 0..<24)
    func neverMoreInAnyWindowAndHardlyEverFewer(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let limit = [1, 2, 7, 60, 61, 100, 1000, 1_000_000_000].randomElement(using: &random) ?? 1
        // Redis lets keys go by its own clock, which goes on meanwhile.
        let seconds = [60, 61, 3600, 86_400].randomElement(using: &random) ?? 60
        let period = Int64(seconds) * Self.second
        try await LimitBench.run { bench in
            let ask = bench.rate(limit, seconds)
            var (now, let_in) = (LimitBench.start, [(at: Int64, count: Int)]())
            func count(_ length: Int64) -> Int { let_in.reduce(0) { $0 + ($1.at > now - length ? $1.count : 0) } }
            for _ in 0..<300 {
                let requests = Int.random(in: 1...max(1, min(limit / 5, 1_000_000)), using: &random)
                let admission = try await bench.admit(at: now, (ask, requests))[0]
                #expect(admission.enters == admission.fits && admission.enters <= requests)
                let_in.append((now, admission.enters))
                #expect(count(period) <= limit)
                if admission.enters < requests {
                    // What is refused is refused for what came within a period, or a sixtieth before.
                    #expect(count(period + period / 60) >= limit)
                    let wait = admission.standing(ask, at: requests - 1).rate?.wait ?? 0
                    #expect(wait > 0 && wait <= period)
                    now += wait
                    let later = try await bench.admit(at: now, (ask, 1))[0]
                    #expect(later.enters == 1, "who waits is let in")
                    let_in.append((now, later.enters))
                    #expect(count(period) <= limit)
                }
                now += Int64.random(in: 0...(Bool.random(using: &random) ? period / 40 : period / 4), using: &random)
            }
            let size = try await bench.redis.send(RedisCommand("STRLEN", ask.rate?.key ?? "")).int ?? 0
            #expect(size > 0 && size <= 16 + 62 * 12)
        }
    }

    @Test func thoseWhoComeTogetherAreCountedOneByOne() async throws {
        try await LimitBench.run { bench in
            let ask = bench.rate(5, 60)
            let admission = try await bench.admit(at: LimitBench.start, (ask, 8))[0]
            let standings = (0..<8).map { admission.standing(ask, at: $0) }
            #expect(standings.map { $0.rate?.remaining } == [4, 3, 2, 1, 0, 0, 0, 0])
            #expect(standings.map { $0.verdict == .admitted } == (0..<8).map { $0 < 5 })
        }
    }

    @Test func aStormFromOutsideDoesNotKeepAnybodyOut() async throws {
        try await LimitBench.run { bench in
            let ask = bench.rate(2, 60)
            var now = LimitBench.start
            _ = try await bench.admit(at: now, (ask, 2))
            for _ in 0..<599 {
                now += Self.second / 10
                #expect(try await bench.admit(ask, at: now).verdict == .overRate)
            }
            #expect(try await bench.admit(ask, at: now + Self.second / 10).verdict == .admitted)
        }
    }

    /// A little: the time stands still. More than a period: the state is of no use.
    @Test func aClockThatIsSetBack() async throws {
        try await LimitBench.run { bench in
            let (ask, start) = (bench.rate(2, 60), LimitBench.start)
            #expect(try await bench.admit(ask, at: start).verdict == .admitted)
            let early = try await bench.admit(ask, at: start - 30 * Self.second)
            #expect(early.verdict == .admitted && early.rate?.remaining == 0)
            let refused = try await bench.admit(ask, at: start - 30 * Self.second)
            #expect(refused.verdict == .overRate && refused.rate?.wait == 90 * Self.second)
            #expect(try await bench.admit(ask, at: start + 60 * Self.second).verdict == .admitted)
            #expect(try await bench.admit(ask, at: start - 3600 * Self.second).rate?.remaining == 1)
        }
    }

    @Test func whatIsNotUsedGoesByItself() async throws {
        try await LimitBench.run { bench in
            let ask = bench.rate(2, 60)
            _ = try await bench.admit(ask, at: LimitBench.start)
            let life = try await bench.redis.send(RedisCommand("PTTL", ask.rate?.key ?? "")).int ?? 0
            #expect(life > 0 && life <= 60_000)
        }
    }

    /// Begins and ends of the hour, day and month, Unix seconds, as `date -u` has them.
    @Test(arguments: [
        // 2040-02-28T23:30:00Z, in a leap year
        (Int64(2_214_084_600), "h", Int64(2_214_082_800), Int64(2_214_086_400)),
        (2_214_084_600, "d", 2_214_000_000, 2_214_086_400), (2_214_084_600, "month", 2_211_667_200, 2_214_172_800),
        // 2040-02-29T12:00:00Z, 2040-12-31T23:59:59Z, 2041-01-01T00:00:00Z
        (2_214_129_600, "month", 2_211_667_200, 2_214_172_800), (2_240_611_199, "month", 2_237_932_800, 2_240_611_200),
        (2_240_611_200, "month", 2_240_611_200, 2_243_289_600), (2_240_611_200, "d", 2_240_611_200, 2_240_697_600),
    ])
    func theCalendar(now: Int64, unit: String, begin: Int64, end: Int64) async throws {
        try await LimitBench.run { bench in
            let share = try await bench.admit(bench.quota("10/\(unit)", messages: 1), at: now * Self.second).quota
            #expect(share?.begin == begin)
            #expect(share?.end == end)
            #expect(share?.wait == end - now)
            #expect(share?.remaining == 9)
        }
    }

    @Test func aQuotaIsFullAgainWithTheNextHour() async throws {
        try await LimitBench.run { bench in
            let (start, ask) = (LimitBench.start, try bench.quota("3/h", messages: 1))
            let first = try await bench.admit(at: start, (ask, 5))[0]
            #expect((0..<5).map { first.standing(ask, at: $0).quota?.remaining } == [2, 1, 0, 0, 0])
            #expect((0..<5).map { first.standing(ask, at: $0).verdict == .overQuota }.count { $0 } == 2)
            #expect(try await bench.admit(ask, at: start + 1800 * Self.second - 1).verdict == .overQuota)
            let next = try await bench.admit(ask, at: start + 1800 * Self.second)
            #expect(next.verdict == .admitted && next.quota?.remaining == 2)
        }
    }

    @Test func aBatchIsTakenWholeOrNotAtAll() async throws {
        try await LimitBench.run { bench in
            let start = LimitBench.start
            #expect(try await bench.admit(bench.quota("10/d", messages: 7), at: start).quota?.remaining == 3)
            let refused = try await bench.admit(bench.quota("10/d", messages: 4), at: start)
            #expect(refused.verdict == .overQuota && refused.quota?.remaining == 3)
            #expect(try await bench.admit(bench.quota("10/d", messages: 3), at: start).verdict == .admitted)
            #expect(try await bench.admit(bench.quota("10/d", messages: 0), at: start).verdict == .admitted)
        }
    }

    @Test func whatIsGivenBackIsThereAgainButNotTomorrow() async throws {
        try await LimitBench.run { bench in
            let start = LimitBench.start
            let today = try await bench.admit(bench.quota("10/d", messages: 10), at: start).quota?.begin ?? 0
            let back = try bench.quota("10/d", messages: -4, since: today)
            #expect(try await bench.admit(back, at: start).quota?.remaining == 4)
            let tomorrow = start + 1800 * Self.second
            #expect(try await bench.admit(bench.quota("10/d", messages: 6), at: tomorrow).quota?.remaining == 4)
            #expect(try await bench.admit(back, at: tomorrow).quota?.remaining == 4)
            // Never more than there is.
            let much = try bench.quota("10/d", messages: -400, since: today + 86_400)
            #expect(try await bench.admit(much, at: tomorrow).quota?.remaining == 10)
        }
    }

    /// Who has no room in one of them takes nothing of the other.
    @Test func whatIsRefusedCountsNowhere() async throws {
        try await LimitBench.run { bench in
            let start = LimitBench.start
            var ask = bench.rate(5, 60)
            ask.quota = try bench.quota("3/d", messages: 1).quota
            ask.messages = 1
            let first = try await bench.admit(at: start, (ask, 6))[0]
            #expect(
                (0..<6).map { first.standing(ask, at: $0).verdict } == [
                    .admitted, .admitted, .admitted, .overQuota, .overQuota, .overQuota,
                ])
            #expect(first.standing(ask, at: 5).rate?.remaining == 2)
            // Callers of one call have nothing to do with each other.
            let other = bench.rate(1, 60, of: "other")
            let both = try await bench.admit(at: start, (other, 1), (ask, 1), (other, 1))
            #expect(both[0].standing(other, at: 0).verdict == .admitted)
            #expect(both[1].standing(ask, at: 0).verdict == .overQuota)
            #expect(both[2].standing(other, at: 0).verdict == .overRate)
        }
    }
}
