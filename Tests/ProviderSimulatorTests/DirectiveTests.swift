import Testing

@testable import ProviderSimulator

@Suite struct DirectiveTests {
    @Test func readsEveryPart() throws {
        let directive = try Directive(parsing: "delay=500,status=429,code=20429,retry-after=2,accept,times=3")
        #expect(
            directive.fault
                == Fault(
                    effect: .status(429), delay: .milliseconds(500), retryAfter: 2, code: 20429, acceptsFirst: true))
        #expect(directive.times == 3)
        #expect(directive.fault.description == "delay=500,status=429,code=20429,retry-after=2,accept")
        #expect(try Directive(parsing: "hang").fault.effect == .hang)
        #expect(try Directive(parsing: "drop,times=1").fault.effect == .drop)
        let told = try Directive(
            parsing: "drip=5,vonage=1,accept,callbacks=reverse+duplicate,ends=failed:30007,events=bounce,at=vonage,"
                + "burst=2/5")
        #expect(
            told.fault.description
                == "drip=5,vonage=1,accept,callbacks=duplicate+reverse,ends=failed:30007,events=bounce")
        #expect(told.provider == .vonage)
        #expect(told.burst == Directive.Burst(length: 2, period: 5))
    }

    @Test(arguments: [
        "", "statsu=503", "status", "status=99", "status=600", "status=x", "delay=-1", "delay=600001", "times=0",
        "hang=1", "hang,drop", "status=500,hang", "code=1", "retry-after=2", "accept", "status=500,", "delay=1 ",
        "drip=0", "vonage=0", "vonage=1,code=2", "vonage=1,retry-after=2", "callbacks", "callbacks=twice",
        "callbacks=early+", "ends=lost", "ends=failed:", "ends=failed:x", "events=open", "at=telex", "burst=3",
        "burst=0/2", "burst=3/2", "burst=1/2/3",
    ])
    func refusesWhatItCannotRead(text: String) {
        #expect(throws: DirectiveError.self) { try Directive(parsing: text) }
    }

    @Test func findsAllInOrder() throws {
        let found = try Directive.find(in: "a [b] [simulate:delay=5] [simulat:x] Grüße[simulate:drop]")
        #expect(found.map(\.fault.description) == ["delay=5", "drop"])
        #expect(try Directive.find(in: "nothing [at all").isEmpty)
        #expect(throws: DirectiveError.self) { try Directive.find(in: "[simulate:drop") }
        #expect(throws: DirectiveError.self) { try Directive.find(in: "[simulate:drop,burst=1/2]") }
    }
}

@Suite struct FaultBookTests {
    private func text(_ body: String, to: String = "+1") -> Arrival {
        Arrival(provider: .twilio, to: to, body: body)
    }

    @Test func timesCountPerMessage() throws {
        let book = FaultBook()
        let body = "[simulate:status=503,times=2]"
        #expect(try book.verdict(on: text(body)).fault?.effect == .status(503))
        #expect(try book.verdict(on: text(body, to: "+2")).fault?.effect == .status(503))
        #expect(try book.verdict(on: text(body)).fault?.effect == .status(503))
        #expect(try book.verdict(on: text(body)).fault == nil)
        #expect(try book.verdict(on: text(body, to: "+2")).fault?.effect == .status(503))
        #expect(try book.verdict(on: text(body, to: "+2")).fault == nil)
    }

    @Test func directivesArePlayedInOrder() throws {
        let book = FaultBook()
        let body = "[simulate:delay=7][simulate:status=500,times=1][simulate:drop,times=1]"
        let verdicts = try (0..<3).map { _ in try book.verdict(on: text(body)) }
        #expect(verdicts.map(\.fault?.effect) == [.status(500), .drop, nil])
        #expect(verdicts.map(\.delay) == Array(repeating: .milliseconds(7), count: 3))
    }

    @Test func aRuleIsForTheNextRequestsOfItsProvider() throws {
        let book = FaultBook()
        _ = try book.add(FaultRule(provider: .twilio, fault: "status=429,times=2"))
        #expect(try book.verdict(on: Arrival(provider: .sendgrid)).fault == nil)
        #expect(try book.verdict(on: text("a")).fault?.effect == .status(429))
        #expect(try book.verdict(on: text("b")).fault?.effect == .status(429))
        #expect(try book.verdict(on: text("c")).fault == nil)
    }

    @Test func aRuleMayBeNarrowed() throws {
        let book = FaultBook()
        _ = try book.add(FaultRule(fault: "hang", to: "+9", contains: "x"))
        #expect(try book.verdict(on: text("x")).fault == nil)
        #expect(try book.verdict(on: text("y", to: "+9")).fault == nil)
        #expect(try book.verdict(on: text("x", to: "+9")).fault?.effect == .hang)
    }

    @Test func probabilityIsRespected() throws {
        let book = FaultBook()
        _ = try book.add(FaultRule(fault: "status=500", probability: 0.5))
        let hits = try (0..<2000).count { _ in try book.verdict(on: text("a")).fault != nil }
        // 2000 fair coins leave this range once in 10^18.
        #expect((800...1200).contains(hits))
        book.removeAllRules()
        _ = try book.add(FaultRule(fault: "status=500", probability: 0))
        let never = try (0..<100).count { _ in try book.verdict(on: text("a")).fault != nil }
        #expect(never == 0)
    }

    @Test func aMessagesDirectiveSparesTheRules() throws {
        let book = FaultBook()
        _ = try book.add(FaultRule(fault: "status=429,times=1"))
        #expect(try book.verdict(on: text("[simulate:drop]")).fault?.effect == .drop)
        #expect(book.rules.first?.remaining == 1)
    }

    @Test func latencyIsDrawnFromItsRange() throws {
        let book = FaultBook(latency: [.twilio: .between(.milliseconds(3), .milliseconds(6))])
        let drawn = Set(try (0..<200).map { _ in try book.verdict(on: text("a")).delay.milliseconds })
        #expect(drawn == [3, 4, 5, 6])
        book.setLatency(.fixed(.milliseconds(9)), for: nil)
        #expect(try book.verdict(on: text("a")).delay == .milliseconds(9))
        book.setLatency(nil, for: .twilio)
        #expect(try book.verdict(on: text("a")).delay == .zero)
    }

    @Test func playedDirectivesAreBounded() throws {
        let book = FaultBook(rememberedMessages: 2)
        let body = "[simulate:drop,times=1]"
        for to in ["+1", "+2", "+3"] { _ = try book.verdict(on: text(body, to: to)) }
        #expect(try book.verdict(on: text(body, to: "+3")).fault == nil)
        #expect(try book.verdict(on: text(body, to: "+1")).fault != nil, "the oldest was forgotten")
    }
}
