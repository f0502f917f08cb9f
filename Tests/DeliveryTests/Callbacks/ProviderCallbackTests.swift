import FoundationEssentials
import JobRuntime
import Testing

@testable import Delivery

@Suite struct ProviderCallbackTests {
    private let form = "application/x-www-form-urlencoded"

    private func callback(_ vendor: Vendor, _ contentType: String, _ body: String) -> ProviderCallback {
        ProviderCallback(vendor: vendor, contentType: contentType, body: body, receivedAt: 1_700_000_000_000)
    }

    @Test func theJobIsJSON() throws {
        let id = try #require(JobID("019de6a0-0000-7000-8000-000000000000"))
        let callback = ProviderCallback(
            vendor: .twilio, messageID: id, contentType: form, body: "a=1", receivedAt: 1_700_000_000_000)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(callback)
        #expect(
            String(decoding: json, as: UTF8.self) == """
                {"body":"a=1","content_type":"\(form)","message_id":"\(id)","received_at":1700000000000,\
                "vendor":"twilio"}
                """)
        #expect(try JSONDecoder().decode(ProviderCallback.self, from: json) == callback)
    }

    @Test func eachVendorIsRead() throws {
        let callbacks = [
            callback(.twilio, form, TwilioCallbackTests.status),
            callback(.twilio, "Application/X-WWW-Form-Urlencoded; charset=UTF-8", TwilioCallbackTests.inbound),
            callback(.sendgrid, "application/json", SendGridEventsTests.vector),
            callback(.vonage, form, VonageCallbackTests.inbound),
            callback(.vonage, "application/json;charset=utf-8", VonageCallbackTests.receipt),
        ]
        for callback in callbacks {
            let reading = try callback.news()
            #expect(reading.news.count == 1 && reading.problems.isEmpty)
        }
    }

    @Test(arguments: Vendor.allCases, ["", "text/plain", "application/jsonx", "multipart/form-data"])
    func anotherContentTypeIsRefused(vendor: Vendor, contentType: String) {
        #expect(throws: CallbackError("the content type is not one that \(vendor.rawValue) calls back with")) {
            try callback(vendor, contentType, "[]").news()
        }
    }

    @Test func theIdOfTheAddressIsTheMessages() throws {
        let id = JobID()
        let bodies: [(Vendor, String, String)] = [
            (.twilio, form, TwilioCallbackTests.status),
            (.sendgrid, "application/json", SendGridEventsTests.vector),
            (.vonage, form, "messageId=a&status=delivered"),
        ]
        for (vendor, type, body) in bodies {
            let callback = ProviderCallback(
                vendor: vendor, messageID: id, contentType: type, body: body, receivedAt: 1)
            guard case .status(let news) = try callback.news().news.first else {
                Issue.record("no news")
                return
            }
            #expect(news.message == id)
        }
    }
}
