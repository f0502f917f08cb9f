import TestSupport
import Testing

@testable import Delivery

@Suite struct HostShareTests {
    private let start = ContinuousClock.now

    /// Takes as many slots for a host as it gets.
    private func fill(_ share: inout HostShare, _ host: String) -> Int {
        let before = share.inFlight(of: host)
        while share.acquire(host, now: start) == .admitted {}
        return share.inFlight(of: host) - before
    }

    @Test func oneHostAloneGetsHalf() {
        for (slots, half) in [(1, 1), (2, 1), (3, 2), (100, 50), (101, 51)] {
            var share = HostShare(slots: slots)
            #expect(fill(&share, "slow") == half)
        }
    }

    /// However the slots were taken in the beginning: with every answer they come nearer to equal shares.
    @Test(arguments: 1...9) func besideSlowHostsOneShareStaysFree(count: Int) {
        var share = HostShare(slots: 100)
        for host in 0..<count { _ = fill(&share, "\(host)") }
        for round in 0..<200 {
            share.release("\(round % count)", took: .seconds(10))
            for host in 0..<count { _ = share.acquire("\(host)", now: start) }
        }
        // Nearly: the rule counts whole slots.
        let part = 75 / (count + 1)
        #expect(100 - share.inFlight >= part)
        for host in 0..<count { #expect(share.inFlight(of: "\(host)") >= part) }
        #expect(share.acquire("new", now: start) == .admitted)
    }

    @Test func whoeverComesFirstLeavesRoomForWhoeverComesNext() {
        var share = HostShare(slots: 100)
        #expect((1...8).map { fill(&share, "\($0)") } == [50, 25, 13, 6, 3, 2, 1, 0])
    }

    @Test func aSlotThatIsGivenBackIsForTheOthersToo() {
        var share = HostShare(slots: 4)
        #expect(fill(&share, "a") == 2 && fill(&share, "b") == 1)
        #expect(share.acquire("b", now: start) != .admitted)
        share.release("a", took: .seconds(1))
        #expect(share.acquire("b", now: start) == .admitted)
        #expect(share.inFlight == 3)
    }

    @Test func oneReleaseTooManyGivesNobodyASlot() {
        var share = HostShare(slots: 4)
        #expect(share.acquire("a", now: start) == .admitted && share.acquire("b", now: start) == .admitted)
        for host in ["a", "a", "x"] { share.release(host, took: .seconds(1)) }
        #expect(share.inFlight == 1 && share.inFlight(of: "a") == 0 && share.inFlight(of: "b") == 1)
    }

    @Test func turnsComeOneAfterTheOtherAsFastAsTheHostAnswers() {
        var share = HostShare(slots: 8)
        #expect(fill(&share, "slow") == 4)  // And one that was refused: it has the first turn.
        // A guess of one second, four at a time.
        let waits = (0..<5).map { _ in share.acquire("slow", now: start) }
        #expect(waits == [250, 500, 750, 1000, 1250].map { .wait(.milliseconds($0)) })
        // Turns that have passed are nobody's.
        #expect(share.acquire("slow", now: start + .seconds(10)) == .wait(.milliseconds(250)))
        #expect(share.acquire("slow", now: start + .seconds(10)) == .wait(.milliseconds(250)))
        #expect(share.acquire("slow", now: start + .seconds(10)) == .wait(.milliseconds(500)))
    }

    @Test func aHostsPaceIsLearned() {
        var share = HostShare(slots: 2)
        for _ in 0..<100 {
            #expect(share.acquire("slow", now: start) == .admitted)
            share.release("slow", took: .seconds(20))
        }
        _ = fill(&share, "slow")
        guard case .wait(let wait) = share.acquire("slow", now: start) else {
            Issue.record("admitted")
            return
        }
        #expect(wait > .seconds(19) && wait <= .seconds(20))
    }

    @Test func noPromiseGoesFurtherThanAMinute() {
        var share = HostShare(slots: 2)
        _ = fill(&share, "slow")
        for _ in 0..<1000 {
            guard case .wait(let wait) = share.acquire("slow", now: start) else {
                Issue.record("admitted")
                return
            }
            #expect(wait <= .seconds(60))
        }
        #expect(share.acquire("slow", now: start) == .wait(.seconds(60)))
        #expect(share.acquire("slow", now: start + .seconds(60)) == .wait(.milliseconds(250)))
    }

    @Test func hostsAreForgottenButNotTheirRequests() {
        var share = HostShare(slots: 1000, mostHosts: 10)
        #expect(share.acquire("busy", now: start) == .admitted)
        for number in 0..<500 {
            _ = share.acquire("\(number)", now: start)
            share.release("\(number)", took: .seconds(1))
            #expect(share.hostCount <= 11)
        }
        #expect(share.inFlight(of: "busy") == 1 && share.inFlight == 1)
    }

    /// Any order of requests and answers: the rule holds at every admission, a newcomer is admitted, every refusal
    /// waits within bounds and not before an earlier one of its host, and in the end all slots are free.
    @Test(arguments: 0..<50) func theRuleHoldsAlways(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let slots = Int.random(in: 1...40, using: &random)
        var share = HostShare(slots: slots, mostHosts: 100)
        var now = start
        var running: [String] = []
        var lastTurn: [String: ContinuousClock.Instant] = [:]
        for _ in 0..<2000 {
            now += .milliseconds(Int.random(in: 0...50, using: &random))
            if Bool.random(using: &random), let index = running.indices.randomElement(using: &random) {
                share.release(running.remove(at: index), took: .milliseconds(Int.random(in: 1...9000, using: &random)))
                continue
            }
            let host = "\(Int.random(in: 0..<8, using: &random))"
            let mine = running.count { $0 == host }
            switch share.acquire(host, now: now) {
            case .admitted:
                #expect(mine < slots - running.count)
                running.append(host)
            case .wait(let wait):
                #expect(mine >= slots - running.count)
                #expect(mine > 0 || running.count == slots)
                #expect((HostShare.shortestWait...HostShare.longestWait).contains(wait))
                if let last = lastTurn[host] { #expect(now + wait >= last) }
                lastTurn[host] = now + wait
            }
            #expect(share.inFlight == running.count && share.inFlight(of: host) == running.count { $0 == host })
        }
        for host in running { share.release(host, took: .seconds(1)) }
        #expect(share.inFlight == 0)
    }

    @Test func aWorkersHandlersShareOne() async {
        let shares = HostShares(slots: 20)
        await withTaskGroup { group in
            for number in 0..<100 {
                group.addTask {
                    let host = "\(number % 3)"
                    if shares.acquire(host) == .admitted { shares.release(host, took: .zero) }
                }
            }
        }
        #expect((0..<10).allSatisfy { _ in shares.acquire("a") == .admitted })
        #expect(shares.acquire("a") != .admitted)
    }
}
