import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite struct TwilioTests {
    @Test func answersWithTheWholeMessage() async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.text("Hello")
            #expect(answer.status == 201)
            let json = answer.json
            let sid = try #require(json["sid"] as? String)
            #expect(sid.wholeMatch(of: /SM[0-9a-f]{32}/) != nil)
            let nulls = ["date_sent", "error_code", "error_message", "messaging_service_sid", "price", "price_unit"]
            for name in nulls { #expect(json[name] is NSNull, "\(name)") }
            let expected = [
                "account_sid": account, "api_version": "2010-04-01", "body": "Hello", "direction": "outbound-api",
                "from": "+15005550006", "num_media": "0", "num_segments": "1", "status": "queued",
                "to": "+14155552671", "uri": "/2010-04-01/Accounts/\(account)/Messages/\(sid).json",
            ]
            for (name, value) in expected { #expect(json[name] as? String == value, "\(name)") }
            #expect(
                (json["subresource_uris"] as? [String: String])?["media"]
                    == "/2010-04-01/Accounts/\(account)/Messages/\(sid)/Media.json")
            #expect(json["date_created"] as? String == json["date_updated"] as? String)
            #expect(json.count == nulls.count + expected.count + 4)
            #expect(simulator.received.messages().first?.id == sid)
        }
    }

    @Test func mediaMakesAnMMS() async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.create([
                "To": "+14155552671", "From": "+15005550006", "MediaUrl": "https://a.example/1",
                "MediaUrl": "https://a.example/2",
            ])
            #expect((answer.json["sid"] as? String)?.hasPrefix("MM") == true)
            #expect(answer.json["num_media"] as? String == "2")
            #expect(simulator.received.messages().first?.media == ["https://a.example/1", "https://a.example/2"])
        }
    }

    @Test(
        arguments: [
            ([:], 21604), (["To": "+14155552671"], 21603), (["To": "1", "From": "+15005550006", "Body": "x"], 21211),
            (["To": "+14155552671", "From": "", "Body": "x"], 21603),
            (["To": "+14155552671", "From": "+15005550006"], 21619),
            (["To": "+14155552671", "From": "12", "Body": "x"], 21212),
            (["To": "+14155552671", "From": "+14155552671", "Body": "x"], 21266),
            (["To": "+14155552671", "MessagingServiceSid": "MGx", "Body": "x"], 21701),
            (["To": "+14155552671", "From": "+15005550006", "Body": String(repeating: "x", count: 1601)], 21617),
            (["To": "+14155552671", "From": "+15005550006", "MediaUrl": "ftp://a"], 21620),
            (["To": "+14155552671", "From": "+15005550006", "Body": "x", "StatusCallback": "a b"], 21609),
            (["To": "+14155552671", "From": "+15005550006", "Body": "x", "ValidityPeriod": "36001"], 21626),
            (["To": "+14155552671", "From": "+15005550006", "Body": "x", "ScheduleType": "fixed"], 35111),
            (["To": "+15005550001", "From": "+15005550006", "Body": "x"], 21211),
            (["To": "+15005550002", "From": "+15005550006", "Body": "x"], 21612),
            (["To": "+15005550003", "From": "+15005550006", "Body": "x"], 21408),
            (["To": "+15005550004", "From": "+15005550006", "Body": "x"], 21610),
            (["To": "+15005550009", "From": "+15005550006", "Body": "x"], 21614),
            (["To": "+14155552671", "From": "+15005550001", "Body": "x"], 21212),
            (["To": "+14155552671", "From": "+15005550007", "Body": "x"], 21606),
            (["To": "+14155552671", "From": "+15005550008", "Body": "x"], 21611),
        ] as [(KeyValuePairs<String, String>, Int)])
    func refusesWithTwiliosCodes(parameters: KeyValuePairs<String, String>, code: Int) async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.create(parameters)
            #expect(answer.status == 400)
            #expect(answer.json["code"] as? Int == code)
            #expect(answer.json["status"] as? Int == 400)
            #expect(answer.json["more_info"] as? String == "https://www.twilio.com/docs/errors/\(code)")
            #expect((answer.json["message"] as? String)?.isEmpty == false)
            #expect(simulator.received.counts[.twilio] == ReceivedLog.Counts(requests: 1, refused: 1))
        }
    }

    @Test func elevenMediaAreTooMany() async throws {
        try await Simulator.test { client, _ in
            let media = String(repeating: "&MediaUrl=https://a.example/1", count: 11)
            let answer = try await client.call(
                .post, "/2010-04-01/Accounts/\(account)/Messages.json",
                [.authorization: basic(account, "t")], "To=%2B14155552671&From=%2B15005550006" + media)
            #expect(answer.json["code"] as? Int == 21623)
        }
    }

    @Test func lettersInOnlyWhoIsConfigured() async throws {
        var settings = SimulatorSettings()
        let key = "SK" + String(repeating: "b1", count: 16)
        settings.twilioTokens = [account: "right", key: "secret"]
        try await Simulator.test(settings) { client, _ in
            for (authorization, status) in [
                (basic(account, "right"), 201), (basic(key, "secret"), 201), (basic(account, "wrong"), 401),
                (basic(key, "right"), 401), ("Bearer x", 401), ("Basic !", 401), (basic("ACx", "right"), 401),
            ] {
                let answer = try await client.create(
                    ["To": "+14155552671", "From": "+15005550006", "Body": "x"], authorization: authorization)
                #expect(answer.status == status, "\(authorization)")
                if status == 401 { #expect(answer.json["code"] as? Int == 20003) }
            }
        }
    }

    @Test func fetchesWhatWasSent() async throws {
        var settings = SimulatorSettings()
        settings.deliversAfter = .zero
        try await Simulator.test(settings) { client, _ in
            let sid = try #require(try await client.text("Hello").json["sid"] as? String)
            try await eventually("delivered") {
                try await client.twilio(.get, "Messages/\(sid).json").json["status"] as? String == "delivered"
            }
            let answer = try await client.twilio(.get, "Messages/\(sid).json")
            #expect(answer.status == 200)
            #expect(answer.json["body"] as? String == "Hello")
            #expect(answer.json["date_sent"] is String)
            let missing = try await client.twilio(.get, "Messages/SM\(String(repeating: "0", count: 32)).json")
            #expect(missing.status == 404)
            #expect(missing.json["code"] as? Int == 20404)
            let late = try await client.twilio(.post, "Messages/\(sid).json", ["Status": "canceled"])
            #expect(late.json["code"] as? Int == 30409)
        }
    }

    @Test func cancelsWhatIsScheduled() async throws {
        try await Simulator.test { client, _ in
            let at = Date().addingTimeInterval(3600).formatted(.iso8601)
            let answer = try await client.create([
                "To": "+14155552671", "MessagingServiceSid": service, "Body": "x", "ScheduleType": "fixed",
                "SendAt": at,
            ])
            #expect(answer.json["status"] as? String == "scheduled")
            let sid = try #require(answer.json["sid"] as? String)
            let wrong = try await client.twilio(.post, "Messages/\(sid).json", ["Status": "sent"])
            #expect(wrong.status == 400)
            let canceled = try await client.twilio(.post, "Messages/\(sid).json", ["Status": "canceled"])
            #expect(canceled.status == 200)
            #expect(canceled.json["status"] as? String == "canceled")
            let again = try await client.twilio(.get, "Messages/\(sid).json")
            #expect(again.json["status"] as? String == "canceled")
        }
    }

    @Test func listsByFilterAndPage() async throws {
        try await Simulator.test { client, _ in
            for number in 0..<5 { _ = try await client.text("\(number)", to: "+1415555000\(number % 2 + 1)") }
            func bodies(_ answer: Answer) -> [String] {
                (answer.json["messages"] as? [[String: Any]] ?? []).compactMap { $0["body"] as? String }
            }
            let odd = try await client.twilio(.get, "Messages.json?To=%2B14155550002")
            #expect(bodies(odd) == ["3", "1"])
            #expect(odd.json["next_page_uri"] is NSNull)
            let first = try await client.twilio(.get, "Messages.json?PageSize=2&From=%2B15005550006")
            #expect(bodies(first) == ["4", "3"])
            #expect(first.json["page_size"] as? Int == 2)
            #expect(first.json["start"] as? Int == 0)
            #expect(first.json["end"] as? Int == 1)
            _ = try await client.text("newer")
            let next = try #require(first.json["next_page_uri"] as? String)
            let prefix = "/2010-04-01/Accounts/\(account)/"
            let second = try await client.twilio(.get, String(next.dropFirst(prefix.count)))
            #expect(bodies(second) == ["2", "1"], "a new message does not shift the pages")
            for (filter, count) in [
                ("DateSent%3E=2000-01-01", 6), ("DateSent%3E=2999-01-01", 0), ("DateSent%3C=2000-01-01", 0),
                ("DateSent=2000-01-01", 0), ("DateSent=\(Date().formatted(.iso8601.year().month().day()))", 6),
            ] {
                #expect(bodies(try await client.twilio(.get, "Messages.json?\(filter)")).count == count, "\(filter)")
            }
        }
    }

    @Test func aFaultHasTwiliosShape() async throws {
        try await Simulator.test { client, simulator in
            let text = "[simulate:status=429,retry-after=7,times=1]"
            let answer = try await client.text(text)
            #expect(answer.status == 429)
            #expect(answer.headers.value("Retry-After") == "7")
            #expect(answer.json["code"] as? Int == 20429)
            #expect(try await client.text(text).status == 201)
            #expect(try await client.text("[simulate:status=400,code=21610]").json["code"] as? Int == 21610)
            let kept = try await client.text("[simulate:status=500,accept] kept")
            #expect(kept.status == 500)
            #expect(
                simulator.received.counts[.twilio]
                    == ReceivedLog.Counts(requests: 4, accepted: 2, failed: 2, throttled: 1))
            let malformed = try await client.text("[simulate:statsu=503]")
            #expect(malformed.status == 400)
            #expect((malformed.json["message"] as? String)?.contains("unknown: statsu") == true)
        }
    }
}
