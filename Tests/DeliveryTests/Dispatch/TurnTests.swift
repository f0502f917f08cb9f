import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// Senders that may send only so fast. The rows are in a real Redis and go by its clock.
@Suite(.timeLimit(.minutes(5))) struct TurnTests {
    typealias Scripted = ScriptedProvider

    private func take(
        _ bench: DispatchBench, _ sender: String = "+1", cost: Duration = .seconds(10), isUrgent: Bool = false,
        before: Int64? = nil
    ) async throws -> SenderTurn {
        try await bench.state.takeTurn(of: sender, at: "one", cost: cost, isUrgent: isUrgent, before: before)
    }

    @Test func eachTurnIsAsFarBehindTheLastAsThatCosts() async throws {
        try await withDispatcher(Scripted()) { (bench: DispatchBench) async throws in
            let first = try await take(bench, cost: .seconds(20))
            #expect(first.wait <= .milliseconds(1))
            let second = try await take(bench, cost: .seconds(5))
            let third = try await take(bench)
            #expect(abs(second.turn - first.turn - 20_000) <= 1)
            #expect(abs(third.turn - second.turn - 5000) <= 1)
            #expect(try await take(bench, "+2").wait <= .milliseconds(1), "another sender has a row of its own")
        }
    }

    @Test func urgentMessagesPassTheOthersAndPushThemBack() async throws {
        try await withDispatcher(Scripted()) { (bench: DispatchBench) async throws in
            let first = try await take(bench)
            _ = try await take(bench)
            let urgent = try await take(bench, isUrgent: true)
            #expect(urgent.turn - first.turn < 10_000, "does not wait behind bulk")
            let next = try await take(bench)
            #expect(abs(next.turn - first.turn - 30_000) <= 1, "three messages were before it")
            let another = try await take(bench, isUrgent: true)
            #expect(abs(another.turn - urgent.turn - 10_000) <= 1, "but urgent ones wait for each other")
        }
    }

    @Test func aTurnThatComesTooLateIsNotTaken() async throws {
        try await withDispatcher(Scripted()) { (bench: DispatchBench) async throws in
            let first = try await take(bench)
            for _ in 0..<3 {
                let late = try await take(bench, before: first.now + 5000)
                #expect(abs(late.turn - first.turn - 10_000) <= 1)
            }
            let next = try await take(bench)
            #expect(abs(next.turn - first.turn - 10_000) <= 1)
        }
    }

    @Test func aMessageWaitsForItsTurnOnceAndKeepsIt() async throws {
        let one = Scripted("one")
        let rates = try SenderRates(parsing: "\(sms.from)=0.1")
        try await withDispatcher(one, rates: rates, at: .unixMilliseconds) { (bench: DispatchBench) async throws in
            _ = try await bench.run()
            let id = try await bench.run()
            #expect(bench.snooze(of: id)?.contains("waits for its turn at one") == true)
            let wait = try #require(await bench.runtime.advanceToNextDue())
            #expect((.seconds(5)...(.seconds(10))).contains(wait))
            #expect(bench.status(of: id) == .sent, "its turn had come, and it took no second one")
            #expect(bench.runtime.record(of: id)?.attempt == 1)
            #expect(one.sent == 2)
        }
    }

    @Test func aTurnThatWasMissedForLongIsLost() async throws {
        let one = Scripted("one")
        let rates = try SenderRates(parsing: "\(sms.from)=0.1")
        try await withDispatcher(one, rates: rates, at: .unixMilliseconds) { (bench: DispatchBench) async throws in
            _ = try await bench.run()
            let id = try await bench.run()
            try await bench.runtime.store.pause(DispatchBench.queue.name)
            await bench.runtime.advance(by: .seconds(300))
            try await bench.runtime.store.resume(DispatchBench.queue.name)
            await bench.runtime.runUntilIdle()
            #expect(bench.snooze(of: id) != nil, "it takes another")
            #expect(one.sent == 1)
        }
    }

    @Test func aShortWaitIsWaitedInPlace() async throws {
        let one = Scripted("one")
        try await withDispatcher(one, rates: try SenderRates(parsing: "*=20")) { (bench: DispatchBench) async throws in
            for _ in 0..<4 {
                let id = try await bench.run()
                #expect(bench.status(of: id) == .sent)
            }
        }
    }

    @Test func whoseTurnComesTooLateGoesToTheNextProviderOrExpires() async throws {
        let (one, two) = (Scripted("one"), Scripted("two"))
        let rates = try SenderRates(parsing: "*=0.01")
        let now = Int64.unixMilliseconds
        try await withDispatcher(one, two, rates: rates, at: now) { (bench: DispatchBench) async throws in
            for _ in 0..<2 { _ = try await bench.run(expiresIn: .seconds(50)) }
            #expect((one.sent, two.sent) == (1, 1))
            let third = try await bench.run(expiresIn: .seconds(50))
            #expect(bench.status(of: third) == .expired)
        }
    }

    @Test(arguments: ["+1=1", "+1=0.5,MG0=40, * = 10", "*=3", ""])
    func ratesAreRead(text: String) throws {
        let rates = try SenderRates(parsing: text)
        #expect((rates.cost(of: "+1", segments: 2) == nil) == text.isEmpty)
    }

    @Test func aRateIsTimeForEachSegment() throws {
        let rates = try SenderRates(parsing: "+1=2,*=10")
        #expect(rates.cost(of: "+1", segments: 3) == .milliseconds(1500))
        #expect(rates.cost(of: "+2", segments: 0) == .milliseconds(100))
        #expect(try SenderRates(parsing: "+1=2").cost(of: "+2", segments: 1) == nil)
    }

    @Test(arguments: ["+1", "+1=", "=1", "+1=0", "+1=-1", "+1=nan", "+1=1=2", "+1=1e9"])
    func whatIsNoRateIsRefused(text: String) {
        #expect(throws: SettingsError.self) { try SenderRates(parsing: text) }
    }
}
