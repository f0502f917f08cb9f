import FoundationEssentials
import JobRuntime
import Messaging
import NIOCore
import NIOHTTP1
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(5))) struct SendGridTests {
    private static let mail = Email(
        from: "shop@example.com", to: "ann@example.org", subject: "Your \"order\"\n", body: "Thanks \\o/ é😀\u{7}",
        html: "<p class=\"x\">Thanks</p>")

    private struct Posted: Decodable, Equatable {
        struct Address: Decodable, Equatable { var email: String }
        struct Personalization: Decodable, Equatable {
            var to: [Address]
            var arguments: [String: String]

            enum CodingKeys: String, CodingKey {
                case to
                case arguments = "custom_args"
            }
        }
        struct Part: Decodable, Equatable {
            var type: String
            var value: String
        }
        var personalizations: [Personalization]
        var from: Address
        var subject: String
        var content: [Part]
        var attachments: [Attachment]?

        struct Attachment: Decodable, Equatable {
            var content: String
            var type: String
            var filename: String
            var disposition: String
        }
    }

    private func posted(_ mail: Email, id: JobID = JobID()) throws -> Posted {
        try JSONDecoder().decode(Posted.self, from: Data(mail.sendGridMail(id: id).readableBytesView))
    }

    @Test func aMailSaysAllThatItSays() throws {
        let id = JobID()
        let expected = Posted(
            personalizations: [
                .init(to: [.init(email: "ann@example.org")], arguments: ["message_id": id.description])
            ],
            from: .init(email: "shop@example.com"), subject: Self.mail.subject,
            content: [
                .init(type: "text/plain", value: Self.mail.body),
                .init(type: "text/html", value: "<p class=\"x\">Thanks</p>"),
            ])
        #expect(try posted(Self.mail, id: id) == expected)
    }

    @Test func unusedPartsAreLeftOut() throws {
        var mail = Self.mail
        mail.html = nil
        #expect(try posted(mail).content.map(\.type) == ["text/plain"])
        mail.html = "<p>"
        mail.body = ""
        #expect(try posted(mail).content.map(\.type) == ["text/html"])
    }

    @Test func attachmentsGoAlong() throws {
        var mail = Self.mail
        mail.attachments = []
        #expect(try posted(mail).attachments == nil)
        mail.attachments = [
            .init(filename: "a \"b\".pdf", type: "application/pdf", content: "JVBERg=="),
            .init(filename: "é.txt", type: "text/plain", content: ""),
        ]
        #expect(
            try posted(mail).attachments == [
                .init(
                    content: "JVBERg==", type: "application/pdf", filename: "a \"b\".pdf", disposition: "attachment"),
                .init(content: "", type: "text/plain", filename: "é.txt", disposition: "attachment"),
            ])
    }

    private func run(
        against reaction: Reaction, timeout: Duration = .seconds(30), id: JobID = JobID()
    ) async throws -> (Verdict, [ReceivedRequest]) {
        try await TestServer.with({ _ in reaction }) { server in
            try await withHTTP { http in
                let settings = try SendGridSettings(apiKey: Secret(apiKey), baseURL: server.base, timeout: timeout)
                let provider = try SendGridProvider(http: http, settings: settings)
                let verdict = await provider.send(Self.mail, attempt: attempt(job: id, kind: Email.kind))
                return (verdict, server.received)
            }
        }
    }

    @Test func aMailIsPostedAndItsIdKept() async throws {
        let id = JobID()
        let (verdict, requests) = try await run(
            against: .answer(.accepted, ["X-Message-Id": "LRzXl_NHStOGhQ4kofSm_A"]), id: id)
        #expect(verdict == .accepted(Receipt(provider: "sendgrid", id: "LRzXl_NHStOGhQ4kofSm_A")))
        let request = try #require(requests.first)
        #expect(request.method == .POST && request.uri == "/v3/mail/send")
        #expect(request.headers["authorization"] == ["Bearer \(apiKey)"])
        #expect(request.headers["content-type"] == ["application/json"])
        #expect(request.body == Self.mail.sendGridMail(id: id))
    }

    @Test(arguments: [HTTPResponseStatus.badRequest, .payloadTooLarge])
    func aBadMailIsDead(status: HTTPResponseStatus) async throws {
        let body = """
            {"errors":[{"message":"ann@example.org is bad","field":"personalizations.0.to.0.email","help":null}]}
            """
        let (verdict, _) = try await run(against: .answer(status, [:], body))
        guard case .refused = verdict, let error = verdict.error else {
            Issue.record("\(verdict)")
            return
        }
        #expect(error.contains("HTTP \(status.code), field personalizations.0.to.0.email"))
        #expect(!error.contains("ann@"))
    }

    @Test func aFieldThatIsNoPathIsNotRepeated() async throws {
        let (verdict, _) = try await run(
            against: .answer(.badRequest, [:], #"{"errors":[{"message":"m","field":"to ann@example.org"}]}"#))
        #expect(verdict.error?.contains("field") == false)
    }

    @Test(arguments: [HTTPResponseStatus.unauthorized, .forbidden])
    func aBadKeyTellsTheOperator(status: HTTPResponseStatus) async throws {
        let (verdict, _) = try await run(against: .answer(status, [:], #"{"errors":[{"message":"no","field":null}]}"#))
        guard case .misconfigured = verdict, let error = verdict.error else {
            Issue.record("\(verdict)")
            return
        }
        #expect(error.contains("Check the account"))
        #expect(!error.contains(apiKey))
    }

    @Test func tooManyRequestsWaitsForTheReset() {
        let answer = HTTPAnswer(status: 429, headers: ["X-RateLimit-Reset": "1700000030"])
        guard case .throttled(_, after: .seconds(30)) = SendGridAnswer.verdict(.answered(answer), now: 1_700_000_000)
        else {
            Issue.record("not throttled")
            return
        }
    }

    @Test(arguments: [Reaction.close, .silence, .answer(.internalServerError), .answer(.serviceUnavailable)])
    func whatMayHaveBeenSentIsUnknown(reaction: Reaction) async throws {
        let (verdict, requests) = try await run(against: reaction, timeout: .seconds(2))
        guard case .ambiguous = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(requests.count == 1)
    }
}
