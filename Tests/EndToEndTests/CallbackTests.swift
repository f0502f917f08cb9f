import AsyncHTTPClient
import Delivery
import Foundation
import JobRuntime
import NIOCore
import NIOHTTP1
import Redis
import TestSupport
import Testing

/// Providers that tell, over the wire, what becomes of messages: what they sign is taken and put into its queue.
@Suite struct CallbackTests {
    /// A simulator that calls back, and an ingress that knows its keys, beside those of a fleet.
    private struct Bench {
        let fleet: Fleet
        let ingress: ChildProcess
        let simulator: String
        let url: String

        init(ingress extra: [String: String] = [:]) async throws {
            fleet = try await Fleet()
            // What is enqueued is to stay where it can be looked at.
            _ = try await fleet.redis.command("SADD", "queues:paused", ProviderCallback.queueName)
            let (port, simulatorPort) = (try freePort(), try freePort())
            url = "http://127.0.0.1:\(port)"
            simulator = "http://127.0.0.1:\(simulatorPort)"
            _ = try fleet.start(
                "simulate", "--port", "\(simulatorPort)", "--twilio-token", "token", "--delivers-after", "20",
                "--sendgrid-events", url + "/api/v1/webhooks/sendgrid")
            var key = ""
            let address = simulator + "/_simulator/sendgrid/public-key"
            try await eventually("the simulator has a key") {
                key = (try? await Self.answer(address).body) ?? ""
                return !key.isEmpty
            }
            let settings = ["API_PORT": "\(port)", "PUBLIC_URL": url, "SENDGRID_WEBHOOK_PUBLIC_KEY": key]
            ingress = try fleet.start("ingress", environment: settings.merging(extra) { $1 })
            let ready = url + "/ready"
            try await eventually("the ingress is ready") { (try? await Self.answer(ready).status) == 200 }
        }

        func startWorker() async throws {
            _ = try await fleet.startWorker([
                "TWILIO_BASE_URL": simulator, "SENDGRID_BASE_URL": simulator, "PUBLIC_URL": url,
                "INBOUND_WEBHOOK_URL": hook,
            ])
        }

        /// Where customers hear of their messages: it takes only what is signed.
        var hook: String { "http://127.0.0.1:\(fleet.simulatorPort)/webhooks/news" }

        struct Told: Decodable {
            struct Callback: Decodable {
                let status: Int?
                let url: String
                let answer: String?
            }
            /// How many messages have callbacks to come.
            let running: Int
            let callbacks: [Callback]
        }

        /// The callbacks that were made, once there are no more to come, and how they were answered.
        func told() async throws -> [Told.Callback] {
            var told: Told?
            try await eventually("all callbacks are made") {
                let answer = try await Self.answer(simulator + "/_simulator/callbacks")
                told = try JSONDecoder().decode(Told.self, from: Data(answer.body.utf8))
                return told?.running == 0 && told?.callbacks.isEmpty == false
            }
            return told?.callbacks ?? []
        }

        func enqueued() async throws -> [ProviderCallback] {
            let entries = try await fleet.redis.command("XRANGE", "webhook_queue", "-", "+").array ?? []
            return try entries.compactMap { entry in
                guard let payload = entry.array?.last?.map?["payload"]?.string else { return nil }
                return try JSONDecoder().decode(ProviderCallback.self, from: Data(payload.utf8))
            }
        }

        func depth() async throws -> Int64? { try await fleet.redis.command("XLEN", "webhook_queue").int }

        static func answer(
            _ url: String, post body: String? = nil, headers: [String: String] = [:]
        ) async throws -> (status: UInt, body: String) {
            var request = HTTPClientRequest(url: url)
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body {
                request.method = .POST
                request.body = .bytes(ByteBuffer(string: body))
            }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
        }
    }

    @Test func whatTwilioTellsOfAMessageIsEnqueued() async throws {
        let bench = try await Bench()
        try await bench.startWorker()
        let id = try #require(try await bench.fleet.sendTexts(1).first)
        try await bench.fleet.allSent([id])
        let told = try await bench.told()
        #expect(told.allSatisfy { $0.status == 204 && $0.url == "\(bench.url)/api/v1/webhooks/twilio/status/\(id)" })
        let callbacks = try await bench.enqueued()
        #expect(callbacks.last?.body.contains("MessageStatus=delivered") == true)
        #expect(try await bench.depth() == Int64(callbacks.count) && callbacks.count == told.count)
        #expect(callbacks.allSatisfy { $0.vendor == .twilio && $0.messageID?.description == id })
        for callback in callbacks {
            let reading = try callback.news()
            #expect(reading.news.count == 1 && reading.problems.isEmpty)
        }
    }

    @Test func whatSendGridTellsOfAMailIsEnqueued() async throws {
        let bench = try await Bench()
        try await bench.startWorker()
        let id = try await bench.fleet.send([
            "from": "a@example.com", "to": "b@example.com", "type": "email", "subject": "Hi", "body": "Text",
            "attachments": [["filename": "a.txt", "type": "text/plain", "content": "aGVsbG8="]],
        ])
        #expect(try await bench.told().allSatisfy { $0.status == 204 })
        #expect(try await bench.enqueued().contains { $0.body.contains(#""event":"delivered""#) })
        for callback in try await bench.enqueued() {
            for case .status(let news) in try callback.news().news { #expect(news.message?.description == id) }
        }
    }

    @Test func whatSomebodyWritesIsEnqueuedAndAnswered() async throws {
        let bench = try await Bench()
        let inbound =
            #"{"to":"+15551234567","from":"+15559876543","body":"Hi é","url":"\#(bench.url)/api/v1/webhooks/twilio"}"#
        let told = try await Bench.answer(bench.simulator + "/_simulator/twilio/inbound", post: inbound)
        #expect(told.body.contains(#"<Response\/>"#) || told.body.contains("<Response/>"), "\(told.body)")
        let callback = try #require(try await bench.enqueued().first)
        guard case .inbound(let message) = try callback.news().news.first else {
            Issue.record("no message")
            return
        }
        #expect(message.from == "+15559876543" && message.body == "Hi é")
    }

    /// All the way: the provider's callbacks, twice and in reverse, move the message up once, and its sender hears of each
    /// step once; what its recipient answers is heard, too, and heeded.
    @Test func whatProvidersTellReachesTheRecordTheSenderAndTheList() async throws {
        let bench = try await Bench()
        _ = try await bench.fleet.redis.command("SREM", "queues:paused", ProviderCallback.queueName)
        try await bench.startWorker()
        func text(_ body: String) async throws -> String {
            try await bench.fleet.send([
                "from": "+15551234567", "to": "+15559876543", "type": "sms", "body": body,
                "status_callback": bench.hook,
            ])
        }
        let id = try await text("Hi [simulate:callbacks=duplicate+reverse]")
        try await eventually("it is delivered") { try await bench.fleet.message(id).status == "delivered" }
        try await eventually("its sender has heard of both steps") {
            try await bench.fleet.counts().webhook.accepted == 2
        }
        let stop =
            #"{"to":"+15551234567","from":"+15559876543","body":"STOP","url":"\#(bench.url)/api/v1/webhooks/twilio"}"#
        for _ in 0..<2 { _ = try await Bench.answer(bench.simulator + "/_simulator/twilio/inbound", post: stop) }
        try await eventually("both answers are posted on") {
            try await bench.fleet.counts().webhook.accepted == 4
        }
        let suppressed = try await text("Hi again")
        try await eventually("it is not sent") { try await bench.fleet.message(suppressed).status == "suppressed" }
        try await eventually("its sender has heard") { try await bench.fleet.counts().webhook.accepted == 5 }
        let told = try await bench.told()
        #expect(told.count > 3)
        try await eventually("all callbacks are taken in") { try await bench.depth() == 0 }
        #expect(try await bench.fleet.message(id).status == "delivered")
        try await bench.fleet.expectEmptyQueues()
        #expect(try await bench.fleet.counts().webhook.accepted == 5)
    }

    /// The simulator signs for the address that it was given; an ingress that is told another one of itself refuses.
    @Test func whatIsSignedForAnotherAddressIsRefused() async throws {
        let bench = try await Bench(ingress: ["PUBLIC_URL": "https://elsewhere.test"])
        try await bench.startWorker()
        let id = try #require(try await bench.fleet.sendTexts(1).first)
        try await bench.fleet.allSent([id])
        #expect(try await bench.told().allSatisfy { $0.status == 403 })
        #expect(try await bench.depth() == 0)
    }

    @Test func aRepetitionIsEnqueuedOnceAndARedisThatIsGoneIsTold() async throws {
        let bench = try await Bench()
        let path = "/api/v1/webhooks/twilio"
        let body = "MessageSid=SM1&MessageStatus=sent"
        let signature = TwilioSignature(authToken: "token").sign(url: bench.url + path, form: try FormFields(body))
        let headers = [
            "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature,
            "I-Twilio-Idempotency-Token": "one",
        ]
        for _ in 0..<2 {
            #expect(try await Bench.answer(bench.url + path, post: body, headers: headers).status == 204)
        }
        #expect(try await bench.depth() == 1)

        await bench.fleet.redis.kill()
        let refused = try await Bench.answer(bench.url + path, post: body, headers: headers)
        #expect(refused.status == 503)
        #expect(refused.body.contains("queue-unavailable"))
        #expect(try await Bench.answer(bench.url + "/api/v1/suppressions?kind=phone").status == 503)
    }

    @Test func theListOfSuppressionsIsThatOfTheWorkers() async throws {
        let fleet = try await Fleet()
        let url = "http://127.0.0.1:\(fleet.ingressPort)/api/v1/suppressions"
        let json = #"{"kind":"phone","address":"+15559876543"}"#
        for status in [201, 200] as [UInt] {
            let headers = ["Content-Type": "application/json"]
            #expect(try await Bench.answer(url, post: json, headers: headers).status == status)
        }
        let (status, list) = try await Bench.answer(url + "?kind=phone")
        #expect(status == 200 && list.contains("+15559876543") && list.contains(#""next_cursor":null"#))
        _ = try await fleet.startWorker()
        let id = try #require(try await fleet.sendTexts(1).first)
        try await eventually("it is not sent") { try await fleet.message(id).status == "suppressed" }
        #expect(try await fleet.counts().twilio.accepted == 0)
    }

    @Test(arguments: [
        ("PUBLIC_URL", "messages.example.com"), ("PUBLIC_URL", "https://e.co/?a=hunter2"),
        ("SENDGRID_WEBHOOK_PUBLIC_KEY", "hunter2"), ("VONAGE_SIGNATURE_METHOD", "hunter2"),
    ])
    func aSettingThatCannotBeReadStopsTheStart(variable: String, value: String) async throws {
        let redis = try await PrivateRedis.shared()
        let process = try ChildProcess(
            Fleet.executable, ["ingress"], environment: ["REDIS_URL": redis.url, "API_PORT": "0", variable: value],
            directory: redis.directory)
        #expect(await process.wait() != 0)
        #expect(process.output.contains("\(variable): expected"), "\(process.output)")
        #expect(!process.output.contains("hunter2"))
    }
}
