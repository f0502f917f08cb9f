import Testing

@testable import Postgres

/// What the pool decides, without threads and connections.
@Suite struct RosterTests {
    private final class Thread {}
    private typealias Plan = Roster<Thread, Int>

    private let start = ContinuousClock.now
    private let down = PostgresError(.unavailable, "down")

    private func describe(_ admission: Plan.Admission) -> String {
        switch admission {
        case .hand: "hand"
        case .start(let order): "start \(order)"
        case .wait: "wait"
        case .refuse(let error): "refuse \(error.message)"
        }
    }

    private func describe(_ turn: Plan.Turn) -> String {
        switch turn {
        case .run(let order): "run \(order)"
        case .park: "park"
        case .end: "end"
        }
    }

    private func submit(_ order: Int, to plan: inout Plan, after time: Duration = .zero) -> String {
        describe(plan.submit(order, now: start + time, isOver: { _ in false }))
    }

    @Test func lanesAreStartedUpToTheLimitAndUsedAgain() {
        var plan = Plan(limit: 2)
        let (one, two) = (Thread(), Thread())
        #expect(submit(1, to: &plan) == "start 1")
        #expect(submit(2, to: &plan) == "start 2")
        #expect(submit(3, to: &plan) == "wait")
        plan.hasConnected()
        plan.hasConnected()
        #expect(describe(plan.next(for: one, isConnected: true, now: start).turn) == "run 3")
        #expect(describe(plan.next(for: two, isConnected: true, now: start).turn) == "park")
        #expect(submit(4, to: &plan) == "hand")
        #expect(submit(5, to: &plan) == "wait")
    }

    @Test func whileTheServerIsAwayOneTriesAndTheOthersAreRefused() {
        var plan = Plan(limit: 3)
        #expect(submit(1, to: &plan) == "start 1")
        #expect(plan.failedToConnect(1, isPatient: true, down, now: start, random: 1).failures.map(\.order) == [1])
        #expect(submit(2, to: &plan, after: .milliseconds(99)) == "refuse down")
        #expect(submit(3, to: &plan, after: .milliseconds(100)) == "start 3")
        #expect(submit(4, to: &plan, after: .seconds(60)) == "refuse down")
        let later = start + .seconds(60)
        #expect(plan.failedToConnect(3, isPatient: true, down, now: later, random: 1).failures.map(\.order) == [3])
        // Twice as long.
        #expect(submit(5, to: &plan, after: .seconds(60) + .milliseconds(199)) == "refuse down")
        #expect(submit(6, to: &plan, after: .seconds(60) + .milliseconds(200)) == "start 6")
        plan.hasConnected()
        #expect(submit(7, to: &plan, after: .seconds(61)) == "start 7")
    }

    @Test func theWaitGrowsToFiveSecondsAtMost() {
        var outage = Outage(down)
        var now = start
        for _ in 0..<40 {
            outage.record(down, now, random: 1)
            now += .seconds(5)
            #expect(outage.refusal(now) == nil)
        }
        outage.record(down, now, random: 0)
        #expect(outage.refusal(now + .milliseconds(2499)) == down)
        #expect(outage.refusal(now + .milliseconds(2500)) == nil)
    }

    @Test func whoWaitsIsRefusedWithTheOneThatFailed() {
        var plan = Plan(limit: 1)
        #expect(submit(1, to: &plan) == "start 1")
        #expect(submit(2, to: &plan) == "wait")
        #expect(plan.failedToConnect(1, isPatient: true, down, now: start).failures.map(\.order) == [1, 2])
        #expect(plan.lanes == 0)
    }

    /// It may have no room for more: those that there are serve all.
    @Test func withAConnectionLeftNobodyIsRefused() {
        var plan = Plan(limit: 2)
        let lane = Thread()
        #expect(submit(1, to: &plan) == "start 1")
        plan.hasConnected()
        #expect(submit(2, to: &plan) == "start 2")
        #expect(plan.failedToConnect(2, isPatient: true, down, now: start).failures.isEmpty)
        #expect(submit(3, to: &plan) == "wait")
        #expect(describe(plan.next(for: lane, isConnected: true, now: start).turn) == "run 2")
        plan.hasDisconnected()
        let (turn, failures) = plan.next(for: lane, isConnected: false, now: start)
        #expect(describe(turn) == "end")
        #expect(failures.map(\.order) == [3])
    }

    @Test func anOrderWhoseLaneCouldNotConnectGoesToAnIdleOne() {
        var plan = Plan(limit: 2)
        let lane = Thread()
        #expect(submit(1, to: &plan) == "start 1")
        plan.hasConnected()
        #expect(submit(2, to: &plan) == "start 2")
        #expect(describe(plan.next(for: lane, isConnected: true, now: start).turn) == "park")
        let aftermath = plan.failedToConnect(2, isPatient: true, down, now: start)
        #expect(aftermath.hand?.order == 2)
        #expect(aftermath.hand?.to === lane)
        #expect(submit(3, to: &plan) == "wait")
        // One that does not know that it waits is refused.
        #expect(plan.mayNotConnect(4, isPatient: false, down).failures.map(\.order) == [4])
    }

    @Test func aLaneThatHasLostItsConnectionMakesANewOneForWhoWaits() {
        var plan = Plan(limit: 1)
        let lane = Thread()
        #expect(submit(1, to: &plan) == "start 1")
        plan.hasConnected()
        #expect(submit(2, to: &plan) == "wait")
        plan.hasDisconnected()
        #expect(describe(plan.next(for: lane, isConnected: false, now: start).turn) == "run 2")
        #expect(describe(plan.next(for: lane, isConnected: false, now: start).turn) == "end")
        #expect(plan.lanes == 0)
    }

    @Test func whoWaitsIsBounded() {
        var plan = Plan(limit: 1)
        #expect(submit(0, to: &plan) == "start 0")
        for order in 1...1000 { #expect(submit(order, to: &plan) == "wait") }
        #expect(submit(1001, to: &plan).hasPrefix("refuse"))
        // Those that were given up make room.
        #expect(describe(plan.submit(1002, now: start, isOver: { $0 < 10 })) == "wait")
    }

    @Test func closing() {
        var plan = Plan(limit: 2)
        let (one, two) = (Thread(), Thread())
        #expect(submit(1, to: &plan) == "start 1")
        #expect(submit(2, to: &plan) == "start 2")
        plan.hasConnected()
        plan.hasConnected()
        #expect(describe(plan.next(for: one, isConnected: true, now: start).turn) == "park")
        #expect(plan.close().idle.map { $0 === one } == [true])
        #expect(submit(3, to: &plan) == "refuse the client was stopped")
        #expect(plan.lanes == 1)
        #expect(describe(plan.next(for: two, isConnected: true, now: start).turn) == "end")
        #expect(plan.lanes == 0)
    }
}
