import HTTPTypes
import Messaging
import NIOCore
import Testing

@testable import Ingress

/// Reading and judging a request's document, without HTTP.
@Suite struct SendRequestTests {
    private func problem(of json: String) throws -> Problem {
        do throws(Problem) {
            let submission = try SendRoute.submission(of: ByteBuffer(string: json), now: 0)
            Issue.record("taken as \(submission)")
            throw Problem.noRoute
        } catch {
            return error
        }
    }

    private func message(of json: String) throws -> Message {
        try SendRoute.submission(of: ByteBuffer(string: json), now: 0).message
    }

    private static func text(_ members: String) -> String {
        #"{"from":"+15551234567","to":"+15559876543","type":"sms","body":"hello"\#(members)}"#
    }

    private static func email(_ members: String) -> String {
        #"{"from":"a@example.com","to":"b@example.com","type":"email","subject":"s","body":"hello"\#(members)}"#
    }

    @Test func eachChannel() throws {
        #expect(
            try message(of: Self.text("")) == .sms(SMS(from: "+15551234567", to: "+15559876543", body: "hello")))
        #expect(
            try message(of: Self.email(#","html":"<p>","metadata":{"k":"v"}"#))
                == .email(
                    Email(
                        from: "a@example.com", to: "b@example.com", subject: "s", body: "hello", html: "<p>",
                        metadata: ["k": "v"])))
        #expect(
            try message(of: #"{"from":"me","to":"https://example.com/","type":"webhook","body":"{\"a\":1}"}"#)
                == .webhook(Webhook(from: "me", to: "https://example.com/", body: #"{"a":1}"#)))
        let media = #""to":"+15559876543","body":"","attachments":["https://example.com/a.jpg"]"#
        #expect(
            try message(of: #"{"from":"+15551234567","type":"mms",\#(media)}"#)
                == .mms(
                    MMS(
                        from: "+15551234567", to: "+15559876543", body: "",
                        attachments: ["https://example.com/a.jpg"])))
    }

    @Test func anSMSWithAttachmentsIsAnMMS() throws {
        #expect(try message(of: Self.text(#","attachments":["https://example.com/a.jpg"]"#)).channel == .mms)
        #expect(try message(of: Self.text(#","attachments":[]"#)).channel == .sms)
    }

    @Test func nullCountsAsAbsent() throws {
        let nulls = #","attachments":null,"subject":null,"html":null,"metadata":null"#
        #expect(try message(of: Self.text(nulls)) == message(of: Self.text("")))
        let refusal = try problem(of: #"{"from":null,"to":null,"type":null,"body":null}"#)
        #expect(refusal.errors.map(\.pointer) == ["/from", "/to", "/body", "/type"])
        #expect(refusal.errors.allSatisfy { $0.detail == "is required" })
    }

    @Test func allThatIsMissingIsTold() throws {
        #expect(try problem(of: "{}").errors.map(\.pointer) == ["/from", "/to", "/body", "/type"])
        let refusal = try problem(of: #"{"from":"a@example.com","to":"b@example.com","type":"email","body":"x"}"#)
        #expect(refusal.errors == [Fault(pointer: "/subject", detail: "is required")])
    }

    @Test func allFaultsAtOnce() throws {
        let refusal = try problem(
            of: #"{"from":7,"to":"12","type":"sms","body":["x"],"colour":"red","metadata":{"k":1},"attachments":[2]}"#)
        #expect(
            Set(refusal.errors.map(\.pointer))
                == ["/from", "/to", "/body", "/colour", "/metadata/k", "/attachments/0"])
        #expect(refusal.errors.count == 6)
        #expect(refusal.status == .unprocessableContent)
        #expect(refusal.errors.contains(Fault(pointer: "/from", detail: "must be a string, not a number")))
        #expect(refusal.errors.contains(Fault(pointer: "/body", detail: "must be a string, not an array")))
    }

    @Test(arguments: ["[]", "\"x\"", "1", "null", "true", #"[{"from":"+15551234567"}]"#])
    func aDocumentThatIsNoObject(json: String) throws {
        let refusal = try problem(of: json)
        #expect(refusal.errors.map(\.pointer) == [""])
        #expect(refusal.errors.first?.detail.hasPrefix("must be an object, not ") == true)
    }

    @Test func aMemberTwice() throws {
        #expect(
            try problem(of: Self.text(#","body":"other""#)).errors
                == [Fault(pointer: "/body", detail: "must not appear more than once")])
        #expect(
            try problem(of: Self.text(#","metadata":{"a":"1","a":"2"}"#)).errors
                == [Fault(pointer: "/metadata/a", detail: "must not appear more than once")])
    }

    @Test func pointersAreEscaped() throws {
        #expect(try problem(of: Self.text(#","a/b~c":1"#)).errors.map(\.pointer) == ["/a~1b~0c"])
        #expect(try problem(of: Self.text(#","metadata":{"a/b":1}"#)).errors.map(\.pointer) == ["/metadata/a~1b"])
        #expect(try problem(of: Self.text(#","":1"#)).errors.map(\.pointer) == ["/"])
    }

    @Test func theListOfFaultsHasALimit() throws {
        let unknown = (0..<5000).map { ",\"x\($0)\":0" }.joined()
        #expect(try problem(of: Self.text(unknown)).errors.count == Faults.limit)
    }

    @Test(arguments: [
        (#","subject":"s""#, "/subject"), (#","html":"<p>""#, "/html"), (#","metadata":[]"#, "/metadata"),
        (#","attachments":"https://example.com/""#, "/attachments"),
        (#","attachments":["ftp://example.com/"]"#, "/attachments/0"),
        (#","attachments":["https://example.com/",null]"#, "/attachments/1"),
        (#","metadata":{"":"v"}"#, "/metadata/"), (#","metadata":{"k":null}"#, "/metadata/k"),
        (#","metadata":{"k":"\u0000"}"#, "/metadata/k"),
    ])
    func oneFaultOfAText(members: String, pointer: String) throws {
        #expect(try problem(of: Self.text(members)).errors.map(\.pointer) == [pointer])
    }

    @Test(arguments: [
        (#","attachments":["https://example.com/"]"#, "/attachments/0"), (#","html":1"#, "/html"),
        (#","html":"a\u0000b""#, "/html"),
    ])
    func oneFaultOfAnEmail(members: String, pointer: String) throws {
        #expect(try problem(of: Self.email(members)).errors.map(\.pointer) == [pointer])
    }

    @Test(arguments: [
        (#"{"from":"+15551234567","to":"+15559876543","type":"sms","body":""}"#, "/body"),
        (#"{"from":"+15551234567","to":"+15559876543","type":"mms","body":"x"}"#, "/attachments"),
        (#"{"from":"+15551234567","to":"+15559876543","type":"mms","body":"x","attachments":[]}"#, "/attachments"),
        (#"{"from":"+15551234567","to":"+15559876543","type":"fax","body":"x"}"#, "/type"),
        (#"{"from":"+15551234567","to":"+15559876543","type":"SMS","body":"x"}"#, "/type"),
        (#"{"from":"a@b.co","to":"c@d.co\nBcc: e@f.co","type":"email","subject":"s","body":"x"}"#, "/to"),
        (#"{"from":"a@b.co","to":"c@d.co","type":"email","subject":"s\r\nBcc: e@f.co","body":"x"}"#, "/subject"),
        (#"{"from":"a@b.co","to":"c@d.co","type":"email","subject":"s\u2028t","body":"x"}"#, "/subject"),
        (#"{"from":"a@b.co","to":"c@d.co","type":"email","subject":"","body":"x"}"#, "/subject"),
        (#"{"from":"","to":"https://example.com/","type":"webhook","body":"x"}"#, "/from"),
        (#"{"from":"a\nb","to":"https://example.com/","type":"webhook","body":"x"}"#, "/from"),
        (#"{"from":"me","to":"ftp://example.com/","type":"webhook","body":"x"}"#, "/to"),
        (#"{"from":"me","to":"https://example.com/","type":"webhook","body":{"a":1}}"#, "/body"),
        (#"{"from":"me","to":"https://example.com/","type":"webhook","body":""}"#, "/body"),
    ])
    func oneFault(json: String, pointer: String) throws {
        #expect(try problem(of: json).errors.map(\.pointer) == [pointer])
    }
}

/// What may be just so long, and not one longer.
@Suite struct MessageLimitsTests {
    private func pointers(_ members: String, type: String = "sms") -> [String] {
        let ends =
            type == "email"
            ? #""from":"a@example.com","to":"b@example.com""# : #""from":"+15551234567","to":"+15559876543""#
        do throws(Problem) {
            let json = #"{"type":"\#(type)",\#(ends),\#(members)}"#
            _ = try SendRoute.submission(of: ByteBuffer(string: json), now: 0)
            return []
        } catch {
            return error.errors.map(\.pointer)
        }
    }

    private func text(_ count: Int, of character: String = "é") -> String { String(repeating: character, count: count) }

    @Test func body() {
        #expect(pointers(#""body":"\#(text(1600))""#) == [])
        #expect(pointers(#""body":"\#(text(1601))""#) == ["/body"])
        #expect(pointers(#""subject":"s","body":"\#(text(1601))""#, type: "email") == [])
    }

    @Test func subject() {
        #expect(pointers(#""body":"x","subject":"\#(text(998))""#, type: "email") == [])
        #expect(pointers(#""body":"x","subject":"\#(text(999))""#, type: "email") == ["/subject"])
    }

    @Test func attachments() {
        let urls = { (count: Int) in
            Array(repeating: #""https://example.com/a.jpg""#, count: count).joined(separator: ",")
        }
        #expect(pointers(#""body":"x","attachments":[\#(urls(10))]"#) == [])
        #expect(pointers(#""body":"x","attachments":[\#(urls(11))]"#) == ["/attachments"])
    }

    @Test func metadata() {
        let members = { (count: Int) in (0..<count).map { #""k\#($0)":"v""# }.joined(separator: ",") }
        #expect(pointers(#""body":"x","metadata":{\#(members(32))}"#) == [])
        #expect(pointers(#""body":"x","metadata":{\#(members(33))}"#) == ["/metadata"])
        #expect(pointers(#""body":"x","metadata":{"\#(text(64))":"\#(text(512))"}"#) == [])
        #expect(pointers(#""body":"x","metadata":{"\#(text(65))":"v"}"#) == ["/metadata/\(text(65))"])
        #expect(pointers(#""body":"x","metadata":{"k":"\#(text(513))"}"#) == ["/metadata/k"])
    }
}
