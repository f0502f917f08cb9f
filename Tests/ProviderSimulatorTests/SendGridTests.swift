import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

@Suite struct SendGridTests {
    private static func errors(_ answer: Answer) -> [(message: String, field: String?)] {
        (answer.json["errors"] as? [[String: Any]] ?? []).map {
            ($0["message"] as? String ?? "", $0["field"] as? String)
        }
    }

    @Test func takesAMail() async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.mail(email())
            #expect(answer.status == 202)
            #expect(answer.body.isEmpty)
            let id = try #require(answer.headers.value("X-Message-Id"))
            #expect(id.wholeMatch(of: /[A-Za-z0-9_-]{22}/) != nil)
            #expect(answer.headers.value("X-RateLimit-Limit") == "10000")
            #expect(answer.headers.value("X-RateLimit-Remaining").flatMap { Int($0) } ?? 10_000 < 10_000)
            let message = try #require(simulator.received.messages().first)
            #expect(message.id == id)
            #expect(message.to == "bob@example.org")
            #expect(message.from == "ann@example.com")
            #expect(message.subject == "Hello")
            #expect(message.body == "plain")
            #expect(message.html == "<b>bold</b>")
        }
    }

    @Test func sandboxModeIs200() async throws {
        try await Simulator.test { client, _ in
            let sandbox = ",\"mail_settings\":{\"sandbox_mode\":{\"enable\":true}}"
            let answer = try await client.mail(email(extra: sandbox))
            #expect(answer.status == 200)
        }
    }

    @Test(
        arguments: [
            ("{", "Bad Request", nil), ("[]", "Bad Request", nil),
            ("{}", "The personalizations field is required", "personalizations"),
            ("{\"personalizations\":[{}]}", "The to array is required", "personalizations.0.to"),
            (email(to: "nobody"), "Does not contain a valid address.", "personalizations.0.to.0.email"),
            (email(subject: ""), "The subject is required.", "subject"),
            (
                email(to: "a@b.example\"},{\"email\":\"A@b.example"), "should be unique between to, cc, and bcc",
                "personalizations.0"
            ),
            (
                email().replacing("ann@example.com", with: "ann"), "The from email does not contain a valid address.",
                "from.email"
            ),
            (email().replacing("\"from\"", with: "\"form\""), "The from object must be provided", "from.email"),
            (
                email().replacing("\"content\"", with: "\"contents\""), "Unless a valid template_id is provided",
                "content"
            ),
            (
                email().replacing("\"plain\"", with: "\"\""),
                "The content value must be a string at least one character in length.", "content.0.value"
            ),
            (
                email().replacing("text/plain", with: "text/x").replacing("text/html", with: "text/plain"),
                "text/plain must be first", "content"
            ),
            (email().replacing("text/html", with: "text/plain"), "may only be provided once", "content"),
            (
                email(extra: ",\"attachments\":[{\"content\":\"!\",\"filename\":\"a\"}]"), "must be base64 encoded",
                "attachments.0.content"
            ),
            (
                email(extra: ",\"attachments\":[{\"content\":\"YQ==\"}]"), "The filename must be",
                "attachments.0.filename"
            ),
        ] as [(String, String, String?)])
    func refusesInSendGridsWords(body: String, message: String, field: String?) async throws {
        try await Simulator.test { client, simulator in
            let answer = try await client.mail(body)
            #expect(answer.status == 400)
            #expect(
                Self.errors(answer).contains { $0.message.contains(message) && $0.field == field }, "\(answer.body)")
            #expect(simulator.received.counts[.sendgrid] == ReceivedLog.Counts(requests: 1, refused: 1))
        }
    }

    @Test func wantsAKeyAndJSON() async throws {
        var settings = SimulatorSettings()
        settings.sendGridKeys = ["SG.right"]
        try await Simulator.test(settings) { client, _ in
            #expect(try await client.mail(email(), key: "SG.right").status == 202)
            let wrong = try await client.mail(email(), key: "SG.wrong")
            #expect(wrong.status == 401)
            #expect(Self.errors(wrong).first?.message.contains("authorization grant is invalid") == true)
            #expect(try await client.mail(email(), key: "SG.right", type: "text/plain").status == 415)
        }
        try await Simulator.test { client, _ in
            let wellFormed = try await client.mail(email(), key: "SG.any")
            #expect(wellFormed.status == 202)
            let malformed = try await client.mail(email(), key: "any")
            #expect(malformed.status == 401)
        }
    }

    @Test func aFaultHasSendGridsShape() async throws {
        try await Simulator.test { client, _ in
            let mail = email(subject: "[simulate:status=429,retry-after=5,times=1]")
            let answer = try await client.mail(mail)
            #expect(answer.status == 429)
            #expect(answer.headers.value("Retry-After") == "5")
            #expect(answer.headers.value("X-RateLimit-Remaining") == "0")
            #expect(Self.errors(answer).count == 1)
            #expect(try await client.mail(mail).status == 202)
            #expect(try await client.mail(email().replacing("bold", with: "[simulate:status=500]")).status == 500)
        }
    }
}
