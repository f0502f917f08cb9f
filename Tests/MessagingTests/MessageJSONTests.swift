import Foundation
import Messaging
import NIOCore
import Testing

/// What is written by hand must be what the workers' decoders read.
@Suite struct MessageJSONTests {
    static let awkward = "“quotes” \" \\ \n\r\t\u{0}\u{1F}\u{2028} 👍 é"

    private func decoded<Payload: Decodable>(_ message: Message, as type: Payload.Type) throws -> Payload {
        try JSONDecoder().decode(type, from: Data(message.json().readableBytesView))
    }

    @Test(arguments: [nil, [:], ["b": awkward, "a": "", awkward: "x"]] as [[String: String]?])
    func sms(metadata: [String: String]?) throws {
        let sms = SMS(from: "+15551234567", to: "+15559876543", body: Self.awkward, metadata: metadata)
        #expect(try decoded(.sms(sms), as: SMS.self) == sms)
    }

    @Test func mms() throws {
        let urls = ["https://example.com/a.jpg", "https://example.com/b.jpg"]
        let mms = MMS(from: "+1", to: "+2", body: "", attachments: urls, metadata: ["k": "v"])
        #expect(try decoded(.mms(mms), as: MMS.self) == mms)
    }

    @Test(arguments: [nil, "", "<p>\(awkward)</p>"] as [String?])
    func email(html: String?) throws {
        let email = Email(from: "a@b.co", to: "c@d.co", subject: Self.awkward, body: Self.awkward, html: html)
        #expect(try decoded(.email(email), as: Email.self) == email)
    }

    @Test func webhook() throws {
        let body = #"{"event":"test","quoted":"\"\\\n"}"#
        let webhook = Webhook(from: "me", to: "https://example.com/", body: body, metadata: ["k": "v"])
        #expect(try decoded(.webhook(webhook), as: Webhook.self) == webhook)
    }

    @Test func theChannelIsTheKindOfThePayload() {
        let messages: [(Message, String)] = [
            (.sms(SMS(from: "", to: "", body: "")), SMS.kind),
            (.mms(MMS(from: "", to: "", body: "", attachments: [])), MMS.kind),
            (.email(Email(from: "", to: "", subject: "", body: "")), Email.kind),
            (.webhook(Webhook(from: "", to: "", body: "")), Webhook.kind),
        ]
        for (message, kind) in messages {
            #expect(message.channel.rawValue == kind)
        }
    }
}
