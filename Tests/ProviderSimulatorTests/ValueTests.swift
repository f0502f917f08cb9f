import Foundation
import NIOCore
import Testing

@testable import ProviderSimulator

@Suite struct ValueTests {
    @Test func ringKeepsTheLast() {
        var ring = RecentRing<Int>(capacity: 3)
        #expect((0..<5).map { ring.append($0) } == [nil, nil, nil, 0, 1])
        #expect(Array(ring.newestFirst) == [4, 3, 2])
        #expect([1, 2, 4, 5].map { ring[$0] } == [nil, 2, 4, nil])
        ring[3] = 33
        #expect(ring[3] == 33)
        ring.removeAll()
        #expect(Array(ring.newestFirst).isEmpty)
        #expect(ring[4] == nil)
        ring.append(50)
        #expect(ring[5] == 50)
        #expect(ring.nextSequence == 6)
        (0..<5).forEach { ring.append($0) }
        #expect(Array(ring.newestFirst) == [4, 3, 2])
    }

    @Test func formDecodes() {
        let form = Form("To=%2B1+2&Body=Gr%C3%BC%C3%9Fe%3D&MediaUrl=a&MediaUrl=b&Empty=&Bad=%zz%4&Flag".utf8)
        #expect(form["To"] == "+1 2")
        #expect(form["Body"] == "Grüße=")
        #expect(form.all("MediaUrl") == ["a", "b"])
        #expect(form["Empty"] == nil)
        #expect(form["Bad"] == "%zz%4")
        #expect(form.fields.last?.key == "Flag")
        #expect(Form(query: "x=\(Form.escape("Grüße &=+%\n"))")["x"] == "Grüße &=+%\n")
    }

    @Test func jsonIsJSON() throws {
        let hard = "\"\\/\n\r\t\u{0}\u{1f}Grüße 東京 👋"
        let text = JSONText.object {
            $0.member("a", hard)
            $0.member("b", nil as String?)
            $0.object("c") { $0.member("d", 7) }
            $0.array("e") { json in
                json.object { $0.member("f", nil as Int?) }
                json.object { _ in }
            }
            $0.member("g", "")
        }
        let parsed = try #require(
            try JSONSerialization.jsonObject(with: Data(text.readableBytesView)) as? NSDictionary)
        let expected: NSDictionary = [
            "a": hard, "b": NSNull(), "c": ["d": 7], "e": [["f": NSNull()], [:] as NSDictionary], "g": "",
        ]
        #expect(parsed == expected)
    }

    @Test(arguments: [
        (1_558_718_307.9, "Fri, 24 May 2019 17:18:27 +0000"), (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func datesAreRFC2822(seconds: Double, expected: String) {
        #expect(InternetDate.format(Date(timeIntervalSince1970: seconds)) == expected)
    }

    @Test(arguments: [
        ("", 1), (String(repeating: "a", count: 160), 1), (String(repeating: "a", count: 161), 2),
        (String(repeating: "€", count: 80), 1), (String(repeating: "€", count: 81), 2),
        (String(repeating: "東", count: 70), 1), (String(repeating: "東", count: 71), 2),
        (String(repeating: "👋", count: 35), 1), (String(repeating: "👋", count: 36), 2),
        (String(repeating: "a", count: 307), 3),
    ])
    func segmentsAreCounted(text: String, expected: Int) {
        #expect(Segments.count(text) == expected)
    }

    @Test func htmlIsEscaped() {
        #expect(HTML.escape("<a href=\"x\">&'") == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;")
    }

    /// The vector of reference/providers.md.
    @Test func standardWebhooksVector() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        func verify(_ body: String, at now: Double) -> Verification {
            Verification(
                id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330",
                signatures: "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", body: body.utf8,
                secrets: [secret], now: Date(timeIntervalSince1970: now))
        }
        #expect(verify("{\"test\": 2432232314}", at: 1_614_265_330).holds)
        #expect(verify("{\"test\": 2432232314}", at: 1_614_265_630).holds)
        #expect(
            verify("{\"test\": 2432232314}", at: 1_614_265_631).reason == "the timestamp is more than 5 minutes off")
        #expect(verify("{\"test\": 2432232315}", at: 1_614_265_330).reason == "no signature matches")
        #expect(WebhookSecret("whsec_") == nil)
        #expect(WebhookSecret("whsec_not base64") == nil)
    }
}
