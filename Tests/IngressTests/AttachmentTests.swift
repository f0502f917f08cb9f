import Foundation
import HTTPTypes
import JobRuntime
import Messaging
import NIOCore
import TestSupport
import Testing

@testable import Ingress

/// Files of a mail.
@Suite struct AttachmentTests {
    private static func mail(_ attachments: String) -> String {
        #"{"from":"a@e.co","to":"b@e.co","type":"email","subject":"s","body":"x","attachments":[\#(attachments)]}"#
    }

    private static func file(_ filename: String = "a.txt", _ type: String = "text/plain", _ content: String = "aGk=")
        -> String
    {
        #"{"filename":"\#(filename)","type":"\#(type)","content":"\#(content)"}"#
    }

    private func pointers(_ attachments: String) -> [String] {
        do throws(Problem) {
            _ = try SendRoute.submission(of: ByteBuffer(string: Self.mail(attachments)), now: 0)
            return []
        } catch {
            return error.errors.map(\.pointer)
        }
    }

    @Test func filesGoWithAMail() throws {
        let json = Self.mail("\(Self.file()),\(Self.file("Übersicht 1.pdf", "application/pdf", "AAAA"))")
        guard case .email(let email) = try SendRoute.submission(of: ByteBuffer(string: json), now: 0).message else {
            Issue.record("no mail")
            return
        }
        #expect(
            email.attachments == [
                .init(filename: "a.txt", type: "text/plain", content: "aGk="),
                .init(filename: "Übersicht 1.pdf", type: "application/pdf", content: "AAAA"),
            ])
    }

    /// The contents are the client's own; they are not sent back.
    @Test func theAnswerNamesThemOnly() async throws {
        let intake = FakeIntake()
        let accepted = try await Client(intake).send(Self.mail(Self.file()))
        #expect(accepted.status == 202)
        let current = try await Client(intake).get(try #require(accepted.headers[.location]))
        for answer in [accepted, current] {
            #expect(
                try answer.object()["attachments"] == [["filename": "a.txt", "type": "text/plain", "size": 2]])
        }
        let job = try #require(intake.jobs.first)
        #expect(String(buffer: job.payload).contains("aGk="))
    }

    @Test func noneIsNone() throws {
        guard case .email(let email) = try SendRoute.submission(of: ByteBuffer(string: Self.mail("")), now: 0).message
        else {
            Issue.record("no mail")
            return
        }
        #expect(email.attachments == nil)
    }

    @Test(arguments: [
        (file("a/b"), "/filename"), (file(#"a\\b"#), "/filename"), (file(#"a\nb"#), "/filename"),
        (file(""), "/filename"), (file(String(repeating: "é", count: 256)), "/filename"),
        (file("/\u{301}"), "/filename"), (file(#"a\u0000"#), "/filename"), (file(#"a\u2028"#), "/filename"),
        (file("a", "text"), "/type"), (file("a", "text/"), "/type"), (file("a", "/plain"), "/type"),
        (file("a", "text/plain; charset=utf-8"), "/type"), (file("a", "a/b/c"), "/type"), (file("a", "té/xt"), "/type"),
        (file("a", "text/plain", ""), "/content"), (file("a", "text/plain", "aGk"), "/content"),
        (file("a", "text/plain", "a==="), "/content"), (file("a", "text/plain", "aG_="), "/content"),
        (file("a", "text/plain", #"aGk=\n"#), "/content"), (file("a", "text/plain", "===="), "/content"),
        (#"{"filename":"a","type":"b/c"}"#, "/content"), (#"{"filename":"a","content":"AAAA"}"#, "/type"),
        (#"{"type":"b/c","content":"AAAA"}"#, "/filename"),
        (#"{"filename":"a","type":"b/c","content":"AAAA","id":"x"}"#, "/id"),
        (#"{"filename":"a","type":"b/c","content":"AAAA","content":"AAAA"}"#, "/content"),
        (#"{"filename":"a","type":"b/c","content":["AAAA"]}"#, "/content"),
        (#""https://e.co/a.jpg""#, ""), ("null", ""), ("1", ""), ("[]", ""), (#""a\u0000""#, ""),
    ])
    func oneFault(attachment: String, place: String) {
        #expect(pointers("\(Self.file()),\(attachment)") == ["/attachments/1" + place])
    }

    @Test func allFaultsAtOnce() {
        let attachments = #"{"filename":"/","type":"x","content":"y","more":1},{},2,"# + Self.file("a\\r")
        #expect(
            Set(pointers(attachments)) == [
                "/attachments/0/filename", "/attachments/0/type", "/attachments/0/content", "/attachments/0/more",
                "/attachments/1/filename", "/attachments/1/type", "/attachments/1/content", "/attachments/2",
                "/attachments/3/filename",
            ])
    }

    @Test func justWithinTheBounds() {
        #expect(pointers(Self.file(String(repeating: "é", count: 255))) == [])
        #expect(pointers(Array(repeating: Self.file(), count: 20).joined(separator: ",")) == [])
        #expect(pointers(Array(repeating: Self.file(), count: 21).joined(separator: ",")) == ["/attachments"])
    }

    @Test func allFilesTogetherHaveALimit() {
        // Ten mebibytes, less one byte: with another of it, two bytes more are just what may be.
        let half = String(repeating: "AAAA", count: 10 * (1 << 20) / 3)
        for (rest, isTaken) in [("AAA=", true), ("AAAA", false)] {
            var request = SendRequest()
            request.attachments = [half, half, rest].map { .file(.init(filename: "a", type: "b/c", content: $0)) }
            var faults = Faults()
            #expect(request.attachments(of: .email, &faults).files.count == 3)
            #expect(faults.concern("attachments") == !isTaken)
        }
    }

    @Test func anMMSTakesNoFiles() throws {
        let ends = #""from":"+15551234567","to":"+15559876543","body":"x""#
        for type in ["sms", "mms"] {
            let json = #"{\#(ends),"type":"\#(type)","attachments":["https://e.co/",\#(Self.file())]}"#
            let error = #expect(throws: Problem.self) {
                try SendRoute.submission(of: ByteBuffer(string: json), now: 0)
            }
            #expect(error?.errors.map(\.pointer) == ["/attachments/1"])
        }
    }

    /// The grammar of RFC 4648 as an expression, and Foundation's count; Foundation alone takes more.
    @Test func base64IsWhatItsGrammarSays() {
        var generator = SeededGenerator(state: 13)
        let alphabet = Array("ABCDwxyz0189+/=-_ \n".utf8)
        var counts = (taken: 0, refused: 0)
        for _ in 0..<20_000 {
            var bytes = Array(
                Data(
                    (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                        UInt8.random(in: .min ... .max, using: &generator)
                    }
                ).base64EncodedString().utf8)
            if Bool.random(using: &generator), !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                    alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let size = Base64.size(of: text)
            let isBase64 =
                text.wholeMatch(of: /(?:[A-Za-z0-9+\/]{4})*(?:[A-Za-z0-9+\/]{2}==|[A-Za-z0-9+\/]{3}=)?/) != nil
            #expect(size == (isBase64 ? Data(base64Encoded: text)?.count : nil), "\(text)")
            if size == nil { counts.refused += 1 } else { counts.taken += 1 }
        }
        #expect(counts.taken > 1000 && counts.refused > 1000)
    }
}
