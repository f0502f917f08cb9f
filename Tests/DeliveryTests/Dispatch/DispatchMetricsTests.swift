import JobRuntime
import JobTesting
import Messaging
import Metrics
import MetricsTestKit
import TestSupport
import Testing

@testable import Delivery

@Suite struct DispatchMetricsTests {
    private let metrics = TestMetrics()

    private func count(_ label: String, _ more: [(String, String)], of provider: String = "one") throws -> Int64 {
        try metrics.expectCounter(label, [("channel", "sms"), ("provider", provider)] + more).totalValue
    }

    @Test func whatAProviderTookIsSentAndWhatItRefusedHasFailed() async throws {
        let provider = ScriptedProvider(
            "one", .accepted(Receipt(provider: "one")), .refused(ScriptedProvider.fault()),
            .expired(ScriptedProvider.fault()))
        try await withDispatcher(provider, metrics: metrics) { bench in
            for _ in 0..<3 { _ = try await bench.run() }
        }
        #expect(try count("message_sent_total", []) == 1)
        #expect(try count("message_failed_total", [("reason", "permanent")]) == 1)
        #expect(try count("message_failed_total", [("reason", "expired")]) == 1)
        #expect(try count("message_failed_total", [("reason", "exhausted")]) == 0)
        for verdict in ["accepted", "refused", "expired"] {
            #expect(try count("provider_requests_total", [("verdict", verdict)]) == 1)
        }
        #expect(
            try metrics.expectTimer("provider_request_duration_seconds", [("channel", "sms"), ("provider", "one")])
                .values.count == 3)
    }

    @Test func theProviderThatTookItIsNamedAndNotTheOneThatDidNot() async throws {
        let first = ScriptedProvider("one", .misconfigured(ScriptedProvider.fault()))
        try await withDispatcher(first, ScriptedProvider("two"), metrics: metrics) { bench in
            _ = try await bench.run()
            // Now the first one's breaker is open.
            _ = try await bench.run()
        }
        #expect(try count("message_sent_total", [], of: "two") == 2)
        #expect(try count("message_sent_total", []) == 0)
        #expect(try count("message_waits_total", [("cause", "breaker")]) == 1)
    }

    @Test func aMessageThatNobodyWasGivenIsNobodys() async throws {
        try await withDispatcher(ScriptedProvider("one"), metrics: metrics) { bench in
            try await bench.suppressions.add(
                Suppression(address: sms.to, kind: .phone, reason: .stop, at: bench.runtime.clock.unixMilliseconds))
            _ = try await bench.run()
        }
        #expect(try count("message_failed_total", [("reason", "suppressed")], of: "none") == 1)
    }

    @Test func aMessageThatIsToWaitHasNeitherBeenSentNorFailed() async throws {
        let provider = ScriptedProvider(
            "one", .throttled(ScriptedProvider.fault(), after: .seconds(5)),
            .transient(ScriptedProvider.fault(), after: .seconds(3600)))
        try await withDispatcher(provider, metrics: metrics) { bench in
            _ = try await bench.run()
            #expect(try count("message_waits_total", [("cause", "throttled")]) == 1)
            await bench.runtime.clock.advance(by: .seconds(6))
            await bench.runtime.runUntilIdle()
        }
        #expect(provider.sent == 2)
        #expect(try count("message_sent_total", []) == 0)
        #expect(metrics.counters.filter { $0.label == "message_failed_total" }.map(\.totalValue).reduce(0, +) == 0)
    }
}

@Suite struct BreakerGaugeTests {
    @Test func openBreakersAreCountedAndNotNamed() throws {
        let metrics = TestMetrics()
        let clock = StepClock()
        let breakers = Breakers(clock: clock, metrics: metrics, logger: .quiet)
        func open(_ scope: String) throws -> Double? {
            try metrics.expectMeter("breakers_open", [("provider", "twilio"), ("scope", scope)]).values.last
        }
        breakers.show("twilio")
        let names = ["twilio", "twilio +15551234567", "twilio +15550000000"]
        for name in names + names { breakers.trip(name, for: .seconds(1), because: ScriptedProvider.fault()) }
        #expect(try open("whole") == 1)
        #expect(try open("part") == 2)

        clock.now = .seconds(2)
        for name in names {
            #expect(breakers.refusal(of: [name]) == nil)
            breakers.record(name == names[2] ? .failure : .success, of: [name], because: nil)
        }
        #expect(try open("whole") == 0)
        #expect(try open("part") == 1, "the one that failed again")
    }
}
