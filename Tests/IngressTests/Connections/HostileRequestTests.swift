import Ingress
import TestSupport
import Testing

/// Bytes that no honest client sends, or only an odd one. Each gets a clear answer or a close, and nobody else notices.
@Suite(.timeLimit(.minutes(5))) struct HostileRequestTests {
    private static let send = "POST /api/v1/messages/send HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

    @Test(arguments: [
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}",  // the beginning of TLS
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /health\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "\0\0\0\0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n", "GET /health HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n: x\r\n\r\n", "GET /health HTTP/9.9\r\nHost: a\r\n\r\n",
        send + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        send + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        send + "Content-Length: -1\r\n\r\n", send + "Content-Length: 99999999999999999999999\r\n\r\n",
        send + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        send + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
    ]) func whatIsNoRequestIsRefusedOnce(bytes: String) async throws {
        let intake = FakeIntake()
        try await withIngress(intake) {
            $0.connections.headTimeout = .seconds(1)
        } _: { ingress in
            let words = try await ingress.lastWords(to: bytes)
            #expect(words.hasPrefix("HTTP/1.1 400 "), "\(bytes.debugDescription): \(words)")
            #expect(words.components(of: "HTTP/1.1 ").count == 2, "\(words)")
            #expect(words.contains("application/problem+json"), "\(words)")
            try await ingress.expectService()
        }
        #expect(intake.jobs.isEmpty)
    }

    @Test(arguments: [
        ("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", 200), ("GET /nothing HTTP/1.1\r\n\r\n", 400),
        ("GET /nothing HTTP/1.1\r\nHost:\r\n\r\n", 400), ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /nothing HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET /health HTTP/1.0\r\n\r\n", 200),
        ("GET http://a/health HTTP/1.1\r\nHost: a\r\n\r\n", 200), ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("OPTIONS /health HTTP/1.1\r\nHost: a\r\n\r\n", 405), ("TRACE /health HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /api/v1/messages/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("GET /api/v1/messages/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("DELETE /api/v1/suppressions/email/%00 HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("GET /health/../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 404),
    ]) func oddRequestsAreAnswered(request: String, status: Int) async throws {
        try await withIngress { ingress in
            let wire = try await ingress.connect()
            try await wire.send(request)
            try await eventually("an answer to \(request)") { wire.answers == 1 }
            #expect(wire.text.hasPrefix("HTTP/1.1 \(status) "), "\(wire.text)")
            await wire.close()
            try await ingress.expectService()
        }
    }

    @Test func aClientOfHTTP10IsToldByTheCloseThatTheAnswerIsWhole() async throws {
        try await withIngress { ingress in
            let words = try await ingress.lastWords(to: "GET /health HTTP/1.0\r\n\r\n")
            #expect(words.contains("connection: close"))
            #expect(words.hasSuffix("}"))
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let intake = FakeIntake()
        try await withIngress(intake) { ingress in
            let sms = SendRouteTests.sms
            let one = Self.send + "Content-Length: \(sms.utf8.count)\r\n\r\n" + sms
            let wire = try await ingress.connect()
            try await wire.send(
                String(repeating: one, count: 30) + "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nrubbish\r\n\r\n")
            try await eventually("it ends") { wire.hasEnded }
            let statuses = wire.text.components(of: "HTTP/1.1 ").dropFirst().map { String($0.prefix(3)) }
            // The rubbish is answered only if it came after all else was.
            #expect(Array(statuses.prefix(31)) == Array(repeating: "202", count: 30) + ["404"])
            #expect(statuses.dropFirst(31).allSatisfy { $0 == "400" })
            await wire.close()
        }
        #expect(intake.jobs.count == 30)
    }

    @Test func aBodyThatIsPromisedAndNotSentIsNoMessage() async throws {
        let intake = FakeIntake()
        try await withIngress(intake) { ingress in
            for framing in ["Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nff\r\n"] {
                let wire = try await ingress.connect()
                try await wire.send(Self.send + framing + SendRouteTests.sms)
                await wire.close()
            }
            try await ingress.expectService()
        }
        #expect(intake.jobs.isEmpty)
    }

    @Test func whoAsksBeforeItSendsIsAskedOnlyForWhatIsWelcome() async throws {
        try await withIngress { ingress in
            let sms = SendRouteTests.sms
            let wire = try await ingress.connect()
            try await wire.send(Self.send + "Content-Length: \(sms.utf8.count)\r\nExpect: 100-continue\r\n\r\n")
            try await eventually("the word") { wire.text == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await wire.send(sms)
            try await eventually("the answer") { wire.text.contains("HTTP/1.1 202 ") }
            await wire.close()

            let large = try await ingress.lastWords(
                to: Self.send + "Content-Length: 900000000\r\nExpect: 100-continue\r\n\r\n")
            #expect(large.hasPrefix("HTTP/1.1 413 "))
            #expect(large.contains("connection: close"))
        }
    }

    @Test func aBodyThatIsNotWantedIsNotReadToItsEnd() async throws {
        try await withIngress {
            $0.connections.linger = .milliseconds(300)
        } _: { ingress in
            let words = try await ingress.lastWords(to: Self.send + "Content-Length: 900000000\r\n\r\n{")
            #expect(words.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func deepJSONIsRefusedWithItsReason() async throws {
        let client = Client()
        let answer = try await client.send(
            #"{"metadata":"# + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}")
        #expect(answer.status == 400)
        #expect(try answer.problem().detail.contains("nested deeper than 32"))
        #expect(client.jobs.isEmpty)
    }
}
