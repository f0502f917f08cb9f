import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite(.timeLimit(.minutes(5))) struct FaultRuleTests {
    @Test func aBurstComesAgain() async throws {
        try await Simulator.test { client, simulator in
            let made = try await client.json(
                .post, "/_simulator/faults", "{\"provider\":\"twilio\",\"fault\":\"status=429,burst=2/5\"}")
            #expect(made.status == 201)
            let statuses = try await (0..<11).asyncMap { try await client.text("\($0)").status }
            #expect(statuses == [429, 429, 201, 201, 201, 429, 429, 201, 201, 201, 429])
            #expect(
                simulator.received.counts[.twilio]
                    == ReceivedLog.Counts(requests: 11, accepted: 6, failed: 5, throttled: 5))
        }
    }

    @Test func aRuleMayEnd() throws {
        let book = FaultBook()
        let end = Date()
        _ = try book.add(FaultRule(fault: "status=503", until: end))
        var arrival = Arrival(provider: .twilio)
        arrival.at = end - 0.001
        #expect(try book.verdict(on: arrival).fault?.effect == .status(503))
        arrival.at = end
        #expect(try book.verdict(on: arrival).fault == nil)
    }

    @Test func aRecipientsScriptIsPlayedOnce() async throws {
        try await Simulator.test { client, simulator in
            let set = try await client.json(
                .put, "/_simulator/numbers/%2B14155552671",
                "{\"script\":[\"status=503\",\"vonage=9\",\"ok\",\"status=500,accept\"]}")
            #expect(set.status == 204)
            #expect(try await client.text("a").status == 503)
            #expect(try await client.text("other", to: "+14155552672").status == 201)
            // The same recipient at another provider, which writes it without its plus.
            #expect(try await client.vonage([:]).body.contains("\"status\":\"9\""))
            #expect(try await client.text("a").status == 201)
            #expect(try await client.text("a").status == 500)
            #expect(try await client.text("a").status == 201)
            let shown = try await client.call(.get, "/_simulator/numbers/+14155552671").json
            #expect(shown["attempts"] as? Int == 5)
            #expect(try await client.call(.delete, "/_simulator/numbers/14155552671").status == 204)
            #expect(try await client.call(.get, "/_simulator/numbers/+14155552671").status == 404)
            for script in ["[\"nonsense\"]", "[\"drop,times=2\"]", "\"drop\""] {
                let answer = try await client.json(
                    .put, "/_simulator/numbers/+14155552671", "{\"script\":\(script)}")
                #expect(answer.status == 400, "\(script)")
            }
        }
    }

    @Test func aDirectiveMayBeForOneProvider() throws {
        let book = FaultBook()
        let body = "[simulate:at=twilio,status=503][simulate:at=vonage,drop]"
        #expect(try book.verdict(on: Arrival(provider: .twilio, body: body)).fault?.effect == .status(503))
        #expect(try book.verdict(on: Arrival(provider: .vonage, body: body)).fault?.effect == .drop)
        #expect(try book.verdict(on: Arrival(provider: .webhook, body: body)).fault == nil)
    }

    @Test func whatDirectivesSayAddsUp() throws {
        let book = FaultBook()
        _ = try book.add(FaultRule(fault: "callbacks=duplicate,ends=failed,delay=5"))
        _ = try book.add(FaultRule(fault: "drip=2,drop"))
        let body = "[simulate:ends=undelivered:30005][simulate:delay=3]"
        let verdict = try book.verdict(on: Arrival(provider: .twilio, body: body))
        #expect(verdict.delay == .milliseconds(8))
        #expect(verdict.fault?.description == "delay=8,drip=2,drop,callbacks=duplicate,ends=undelivered:30005")
    }

    @Test func duplicatesOfAMarkerAreFoundAmongMany() async throws {
        try await Simulator.test { client, simulator in
            for number in 0..<1500 {
                let arrival = Arrival(provider: .twilio, to: "+1", body: "run-7 message \(number)")
                simulator.received.append(arrival, .accepted, id: "\(number)", status: 201)
            }
            #expect(try await client.call(.get, "/_simulator/duplicates?contains=run-7").body == "[]")
            _ = try await client.text("run-7 twice", to: "+14155552671")
            _ = try await client.vonage(["text": "run-7 twice"])
            _ = try await client.text("run-8 twice")
            _ = try await client.text("run-8 twice")
            #expect(try await client.call(.get, "/_simulator/duplicates?contains=run-7").body == "[]")
            let across = try await client.call(.get, "/_simulator/duplicates?contains=run-7&across=true").body
            #expect(across.contains("\"times\":2") && across.contains("run-7 twice") && !across.contains("run-8"))
        }
    }
}
