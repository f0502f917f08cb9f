import AsyncHTTPClient
import Foundation
import JobRuntime
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The line to the provider, or the worker, is gone before anybody knows whether the message was taken. It arrives once.
@Suite struct DoubtTests {
    private struct Found: Decodable {
        struct Result: Decodable { var found: Bool? }
        var result: Result?
        var attempts: Int
    }

    private func expectEachOnce(_ fleet: Fleet, _ ids: [String]) async throws {
        try await fleet.allSent(ids)
        #expect(try await fleet.counts().twilio.accepted == ids.count)
        let duplicates: [Fleet.Duplicate] = try await fleet.simulated("duplicates").decoded()
        #expect(duplicates.isEmpty)
        try await fleet.expectEmptyQueues()
    }

    @Test func aProviderThatTakesTheMessageAndDropsTheLineIsAsked() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        // Too few failures to open the breaker.
        let ids = try await fleet.sendTexts(8, directive: "[simulate:drop,times=1]")
        try await expectEachOnce(fleet, ids)
        for id in ids {
            let message: Found = try await fleet.get("/api/v1/messages/\(id)").decoded()
            #expect(message.result?.found == true)
        }
    }

    @Test func aProviderThatFailsWithoutTakingTheMessageIsAskedAndGetsItAgain() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        let ids = try await fleet.sendTexts(8, directive: "[simulate:status=500,times=1]")
        try await expectEachOnce(fleet, ids)
        for id in ids {
            let message: Found = try await fleet.get("/api/v1/messages/\(id)").decoded()
            #expect(message.result?.found == nil && message.attempts == 2)
        }
    }

    @Test func aWorkerKilledBetweenTheAcceptanceAndTheSettlement() async throws {
        let fleet = try await Fleet()
        let doomed = try await fleet.startWorker()
        let ids = try await fleet.sendTexts(15, directive: "[simulate:hang,times=1]")
        try await eventually("the provider has taken them all") { try await fleet.counts().twilio.accepted == 15 }
        try #require(try await fleet.held(by: doomed.consumer) == 15)
        await doomed.process.killHard()

        for _ in 0..<2 { _ = try await fleet.startWorker() }
        try await expectEachOnce(fleet, ids)
    }

    /// What cannot be asked waits for a person, unless the message says otherwise.
    @Test func whereNobodyCanTellItIsHeld() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker()
        let id = try await fleet.send([
            "from": "a@example.com", "to": "b@example.com", "type": "email", "subject": "Hi [simulate:drop,times=1]",
            "body": "Text",
        ])
        try await eventually("it is held") {
            try await fleet.message(id).status == "unknown"
        }
        #expect(try await fleet.counts().sendgrid.accepted == 1)
    }

    @Test func aSecondProviderTakesWhatTheFirstCannot() async throws {
        let fleet = try await Fleet()
        _ = try await fleet.startWorker([
            "SMS_PROVIDERS": "twilio,vonage", "VONAGE_API_KEY": "abcd1234", "VONAGE_API_SECRET": "secret",
            "VONAGE_BASE_URL": "http://127.0.0.1:\(fleet.simulatorPort)",
        ])
        let ids = try await fleet.sendTexts(10, directive: "[simulate:at=twilio,status=401,code=20003]")
        try await fleet.allSent(ids)
        let counts: [String: Count] = try await fleet.simulated("counts").decoded()
        #expect(counts["vonage"]?.accepted == 10)
        #expect(counts["twilio"]?.accepted == 0)
        // The breaker let hardly any of them ask Twilio first.
        for id in ids {
            let message: Found = try await fleet.get("/api/v1/messages/\(id)").decoded()
            #expect(message.attempts == 1)
        }
    }

    private struct Count: Decodable { var accepted: Int }

    /// All of it at once, and a worker killed in the middle.
    @Test func throughAProviderThatFailsDropsAndThrottlesEachArrivesOnce() async throws {
        let fleet = try await Fleet()
        try await fleet.control("PUT", "latency", #"{"provider":"twilio","fixed_ms":200}"#)
        for fault in [
            #"{"provider":"twilio","fault":"status=503","probability":0.2}"#,
            #"{"provider":"twilio","fault":"drop","probability":0.05}"#,
            #"{"provider":"twilio","fault":"status=429,code=20429,retry-after=1","probability":0.1}"#,
        ] {
            try await fleet.control("POST", "faults", fault)
        }
        let doomed = try await fleet.startWorker()
        _ = try await fleet.startWorker()
        let ids = try await fleet.sendTexts(150)
        try await eventually("some are sent") { try await fleet.counts().twilio.accepted > 40 }
        await doomed.process.killHard()
        // A doubt whose lookups fail, too, is asked about again after up to a minute.
        try await fleet.allSent(ids, within: .seconds(420))
        try await expectEachOnce(fleet, ids)
    }
}

extension Fleet {
    /// Tells the simulator how to behave.
    fileprivate func control(_ method: String, _ path: String, _ json: String) async throws {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(simulatorPort)/_simulator/\(path)")
        request.method = .RAW(value: method)
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: json))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        try #require((200..<300).contains(answer.status.code))
    }
}
