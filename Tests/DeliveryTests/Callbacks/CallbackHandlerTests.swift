import FoundationEssentials
import JobRuntime
import JobTesting
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// What becomes of vendors' callbacks: whatever comes, in whatever order, and however often.
@Suite(.timeLimit(.minutes(5))) struct CallbackHandlerTests {
    private struct Bench {
        let runtime: TestRuntime
        let client: JobClient
        let suppressions: SuppressionList

        static let callbacks = JobQueue(ProviderCallback.queueName)
        static let texts = JobQueue(Channel.sms.queueName)
        static let webhooks = JobQueue(Channel.webhook.queueName)

        func call(
            _ body: String, vendor: Vendor = .twilio, about message: JobID? = nil, at moment: Int64 = 5
        ) async throws -> JobID {
            let type = vendor == .sendgrid ? "application/json" : "application/x-www-form-urlencoded"
            return try await runtime.enqueue(
                NewJob(
                    ProviderCallback(
                        vendor: vendor, messageID: message, contentType: type, body: body, receivedAt: moment),
                    queue: Self.callbacks)
            ).id
        }

        func status(of id: JobID) -> MessageStatus? { runtime.record(of: id).map { MessageStatus($0) } }

        var told: [String] {
            get throws {
                try runtime.jobs(Webhook.self, in: Self.webhooks).map { webhook in
                    try JSONDecoder().decode(Told.self, from: Data(webhook.body.utf8)).type
                }
            }
        }

        private struct Told: Decodable { var type: String }
    }

    /// - Parameter verdict: of the provider of the messages that the callbacks are about.
    private func withBench(
        _ verdicts: Verdict..., inbound: String? = "https://app.test/in", _ body: (Bench) async throws -> Void
    ) async throws {
        let server = try await PrivateRedis.shared()
        try await withClient(server.configuration) { redis in
            let clock = ManualClock()
            let state = DeliveryState(redis: redis, keys: freshKeys())
            let provider = ScriptedProvider("one")
            verdicts.forEach(provider.then)
            let runtime = TestRuntime(queues: [Bench.texts, Bench.callbacks], jitter: 0, clock: clock) { store in
                let client = JobClient(store: store)
                let services = DispatchServices(
                    state: state, jobs: client, breakers: Breakers(clock: clock, logger: .quiet), random: { 0 })
                var handlers = JobHandlers()
                handlers.register(Dispatcher([Route(provider)], services: services))
                handlers.register(
                    CallbackHandler(
                        state: state, jobs: client, inboundURL: inbound,
                        tenants: ["+15005550006": "acme", "+15005550007": "beta"]))
                return handlers
            }
            try await body(
                Bench(
                    runtime: runtime, client: JobClient(store: runtime.store), suppressions: SuppressionList(state)))
        }
    }

    private static func news(_ status: String, _ more: String = "") -> String {
        "MessageSid=SM1&MessageStatus=\(status)&To=%2B15558675309&From=%2B15005550006\(more)"
    }

    private var subscribed: SMS {
        var message = sms
        message.statusCallback = "https://shop.test/hook"
        return message
    }

    @Test(arguments: [
        ["queued", "sent", "delivered"], ["delivered", "sent", "queued"], ["sent", "delivered", "delivered"],
        ["delivered", "delivered", "sending", "sent", "queued"],
    ])
    func theStatusOnlyMovesUpAndEachIsToldOnce(order: [String]) async throws {
        try await withBench { (bench: Bench) async throws in
            let id = try await bench.runtime.enqueue(NewJob(subscribed, queue: Bench.texts)).id
            await bench.runtime.runUntilIdle()
            for status in order {
                _ = try await bench.call(Self.news(status), about: id)
                await bench.runtime.runUntilIdle()
            }
            #expect(bench.status(of: id) == .delivered)
            #expect(try bench.told.sorted() == ["message.delivered", "message.sent"])
        }
    }

    @Test func aCallbackMayComeBeforeTheSendIsAnswered() async throws {
        try await withBench { (bench: Bench) async throws in
            let id = try await bench.runtime.enqueue(NewJob(subscribed, queue: Bench.texts)).id
            _ = try await bench.call(Self.news("delivered"), about: id)
            await bench.runtime.runUntilIdle()
            #expect(bench.status(of: id) == .delivered)
            #expect(try bench.told.sorted() == ["message.delivered", "message.sent"])
        }
    }

    @Test func whatDidNotArriveSaysWhy() async throws {
        try await withBench { (bench: Bench) async throws in
            let id = try await bench.runtime.enqueue(NewJob(subscribed, queue: Bench.texts)).id
            await bench.runtime.runUntilIdle()
            _ = try await bench.call(Self.news("undelivered", "&ErrorCode=30003"), about: id)
            await bench.runtime.runUntilIdle()
            #expect(bench.status(of: id) == .undelivered)
            #expect(bench.runtime.record(of: id)?.report?.detail?.contains(#""code":30003"#) == true)
            #expect(try bench.told == ["message.sent", "message.undelivered"])
        }
    }

    @Test func aLateCallbackSettlesWhatIsHeldAndItsSenderHearsOfBoth() async throws {
        let cutOff = Verdict.ambiguous(ScriptedProvider.fault("cut off"))
        try await withBench(cutOff) { (bench: Bench) async throws in
            let id = try await bench.runtime.enqueue(NewJob(subscribed, queue: Bench.texts)).id
            await bench.runtime.advance(by: .seconds(60))
            #expect(bench.status(of: id) == .unknown)
            _ = try await bench.call(Self.news("queued"), about: id)
            await bench.runtime.runUntilIdle()
            #expect(bench.status(of: id) == .sent)
            #expect(bench.runtime.deadLetters(of: Bench.texts).isEmpty)
            #expect(try bench.told == ["message.unknown", "message.sent"])
        }
    }

    @Test func aMessageToUsIsPostedOnceHoweverOftenItIsTold() async throws {
        try await withBench { (bench: Bench) async throws in
            let body = "MessageSid=SM9&From=%2B15558675309&To=%2B15005550006&Body=Hi&NumMedia=0&SmsStatus=received"
            let first = try await bench.call(body)
            let second = try await bench.call(body)
            await bench.runtime.runUntilIdle()
            #expect(try bench.told == ["message.received"])
            let results = [first, second].map { id -> String? in
                if case .succeeded(let result) = bench.runtime.record(of: id)?.state { result } else { nil }
            }
            #expect(results[0]?.contains(#""body":"Hi""#) == true && results[1] == #"{"news":1}"#)
        }
    }

    /// By the number that they came to.
    @Test(arguments: [("15005550006", "acme"), ("15005550007", "beta"), ("15005550008", nil)])
    func aMessageToUsIsOfTheTenantWhoseNumberItCameTo(number: String, tenant: String?) async throws {
        try await withBench { (bench: Bench) async throws in
            let call = try await bench.call("MessageSid=SM9&From=%2B15005550006&To=%2B\(number)&Body=Hi")
            await bench.runtime.runUntilIdle()
            let tenants = tenant.map { #","tenant":"\#($0)""# } ?? ""
            let message =
                #"{"provider":"twilio","id":"SM9","type":"sms","from":"+15005550006","to":"+\#(number)"\#(tenants)"#
                + #","body":"Hi"}"#
            #expect(
                bench.runtime.record(of: call)?.state
                    == .succeeded(result: #"{"news":1,"received":[\#(message)]}"#))
            let webhook = try #require(try bench.runtime.jobs(Webhook.self, in: Bench.webhooks).first)
            #expect(webhook.body.hasSuffix(#""data":\#(message)}"#))
        }
    }

    @Test func withoutAnAddressForThemMessagesToUsAreKeptInTheLedgerAlone() async throws {
        try await withBench(inbound: nil) { (bench: Bench) async throws in
            _ = try await bench.call("MessageSid=SM9&From=%2B15558675309&To=%2B15005550006&Body=Hi")
            await bench.runtime.runUntilIdle()
            #expect(try bench.told.isEmpty)
        }
    }

    @Test func stopAndStart() async throws {
        try await withBench { (bench: Bench) async throws in
            for (number, word) in ["STOP", "start"].enumerated() {
                _ = try await bench.call(
                    "MessageSid=SM\(number)&From=\(sms.to.replacing("+", with: "%2B"))&To=1&Body=\(word)",
                    at: Int64(number + 1))
                await bench.runtime.runUntilIdle()
                let id = try await bench.runtime.enqueue(NewJob(sms, queue: Bench.texts)).id
                await bench.runtime.runUntilIdle()
                #expect(bench.status(of: id) == (number == 0 ? .suppressed : .sent))
            }
        }
    }

    /// The latest word of an address's owner counts, in whatever order, and however often, it is told.
    @Test(arguments: [[1, 2], [2, 1], [1, 2, 1], [2, 1, 2]])
    func stopAndStartAreTakenByWhenTheyWereSaid(order: [Int]) async throws {
        for (words, isSuppressed) in [(["STOP", "START"], false), (["START", "STOP"], true)] {
            try await withBench { (bench: Bench) async throws in
                for number in order {
                    let from = sms.to.replacing("+", with: "%2B")
                    _ = try await bench.call(
                        "MessageSid=SM\(number)&From=\(from)&To=1&Body=\(words[number - 1])", at: Int64(number))
                    await bench.runtime.runUntilIdle()
                }
                #expect(try await (bench.suppressions.find(.phone, sms.to) != nil) == isSuppressed)
            }
        }
    }

    @Test(arguments: [["START", "STOP"], ["STOP", "START"]]) func saidAtOneTimeANoOutweighs(words: [String])
        async throws
    {
        try await withBench { (bench: Bench) async throws in
            for (number, word) in words.enumerated() {
                let from = sms.to.replacing("+", with: "%2B")
                _ = try await bench.call("MessageSid=SM\(number)&From=\(from)&To=1&Body=\(word)", at: 7)
                await bench.runtime.runUntilIdle()
            }
            #expect(try await bench.suppressions.find(.phone, sms.to)?.reason == .stop)
        }
    }

    @Test func startTakesBackWhatTheOwnerAskedForAndNoMore() async throws {
        for reason in Suppression.Reason.allCases {
            try await withBench { (bench: Bench) async throws in
                try await bench.suppressions.add(Suppression(address: sms.to, kind: .phone, reason: reason))
                _ = try await bench.call("MessageSid=SM1&From=\(sms.to.replacing("+", with: "%2B"))&To=1&Body=START")
                await bench.runtime.runUntilIdle()
                let isTaken = [.stop, .optedOut, .unsubscribed].contains(reason)
                let found = try await bench.suppressions.find(.phone, sms.to)
                #expect((found == nil) == isTaken)
            }
        }
    }

    @Test func mailEventsSuppressAndTell() async throws {
        try await withBench { (bench: Bench) async throws in
            let id = try await bench.runtime.enqueue(NewJob(subscribed, queue: Bench.texts)).id
            await bench.runtime.runUntilIdle()
            func event(_ number: Int, _ event: String, _ more: String) -> String {
                #"{"event":"\#(event)","sg_event_id":"e\#(number)","sg_message_id":"m.1","message_id":"\#(id)"\#(more)}"#
            }
            let bounce = event(
                1, "bounce", #","type":"bounce","email":"Ann@Example.org","status":"5.1.1","timestamp":1"#)
            let events = [event(0, "processed", ""), bounce, #"{"event":"nonsense"}"#, bounce].joined(separator: ",")
            let call = try await bench.call("[\(events)]", vendor: .sendgrid)
            await bench.runtime.runUntilIdle()
            #expect(bench.status(of: id) == .undelivered)
            #expect(try await bench.suppressions.find(.email, "ann@example.org")?.reason == .hardBounce)
            #expect(try bench.told.contains("message.undelivered"))
            #expect(bench.runtime.record(of: call)?.state == .succeeded(result: #"{"news":2}"#))
        }
    }

    @Test func whatIsNoCallbackIsADeadLetterAndStrangersAreNoErrors() async throws {
        try await withBench { (bench: Bench) async throws in
            let bad = try await bench.call("nothing")
            let unknown = try await bench.call(Self.news("delivered"), about: JobID())
            let foreign = try await bench.call(Self.news("delivered"))
            await bench.runtime.runUntilIdle()
            #expect(bench.runtime.record(of: bad)?.state == .dead(reason: .permanent))
            for id in [unknown, foreign] {
                #expect(bench.runtime.record(of: id)?.state == .succeeded(result: #"{"news":1}"#))
            }
        }
    }
}
