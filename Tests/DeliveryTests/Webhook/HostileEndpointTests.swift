import AsyncHTTPClient
import JobRuntime
import Messaging
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import Delivery

/// Endpoints that want to keep a worker's slot, its memory or its belief in HTTP.
@Suite(.timeLimit(.minutes(5))) struct HostileEndpointTests {
    struct Behaviour: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var first: String
        var rest = ""
        var pause = TimeAmount.milliseconds(20)
    }

    private func post(to base: String, timeout: Duration) async throws -> Verdict {
        try await withHTTP { http in
            let settings = try WebhookSettings(
                secrets: [Secret(webhookSecret)], timeout: timeout, allowed: [loopback])
            return await WebhookProvider(http: http, settings: settings).send(
                Webhook(from: "shop", to: base, body: "{}"), attempt: attempt(kind: Webhook.kind))
        }
    }

    /// None of these ever ends: without a time for the whole, the test would not either.
    @Test(arguments: [
        Behaviour(testDescription: "a slow head", first: "HTTP/1.1 200 OK\r\nX: ", rest: "a"),
        Behaviour(testDescription: "slow headers", first: "HTTP/1.1 200 OK\r\n", rest: "A: b\r\n"),
        Behaviour(testDescription: "a slow version", first: "H"),
        Behaviour(testDescription: "soon", first: "", rest: "HTTP/1.1 100 Continue\r\n\r\n"),
        Behaviour(testDescription: "hints", first: "", rest: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    ])
    func anAnswerThatNeverBeginsIsARetryInTime(behaviour: Behaviour) async throws {
        try await HostileServer.with(first: behaviour.first, rest: behaviour.rest, pause: behaviour.pause) {
            server, base in
            let verdict = try await post(to: base, timeout: .seconds(2))
            #expect(verdict.error == Self.noAnswer("no answer within the time-out"))
            try await eventually("the connection is given up") { server.closed.value == 1 }
        }
    }

    @Test(arguments: [
        Behaviour(
            testDescription: "a slow body", first: "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", rest: "a"),
        Behaviour(
            testDescription: "slow chunks", first: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            rest: "1\r\na\r\n"),
        Behaviour(testDescription: "until the end", first: "HTTP/1.1 200 OK\r\n\r\n", rest: "a"),
    ])
    func aSlowBodyEndsInTime(behaviour: Behaviour) async throws {
        try await HostileServer.with(first: behaviour.first, rest: behaviour.rest, pause: behaviour.pause) {
            server, base in
            let verdict = try await post(to: base, timeout: .seconds(2))
            #expect(verdict == .accepted(Receipt(provider: "webhook", status: 200)))
            try await eventually("the connection is given up") { server.closed.value == 1 }
        }
    }

    /// As much as the other side can send, and no end: 20 kB are kept, and the connection is given up.
    @Test(arguments: [
        "Content-Length: 100000000000\r\n\r\n", "\r\n", "Transfer-Encoding: chunked\r\n\r\n",
    ])
    func anEndlessBodyIsCutOff(headers: String) async throws {
        let data = String(repeating: "a", count: 0x8000)
        let rest = headers.contains("chunked") ? "8000\r\n\(data)\r\n" : data
        try await HostileServer.with(first: "HTTP/1.1 200 OK\r\n\(headers)", rest: rest) { server, base in
            try await withHTTP { http in
                let exchange = try await http.endpoints.exchange(
                    HTTPClient.Request(url: base, method: .POST), body: ByteBuffer(string: "{}"), timeout: .seconds(50),
                    guard: AddressGuard(allowed: [loopback]))
                guard case .answered(let answer) = exchange else {
                    Issue.record("\(exchange)")
                    return
                }
                #expect(answer.status == 200)
                #expect(answer.body == ByteBuffer(repeating: UInt8(ascii: "a"), count: 20_000))
                try await eventually("the connection is given up") { server.closed.value == 1 }
                // What the sockets hold, and not what a client that reads on would have taken.
                #expect(server.sent.value < 50_000_000)
            }
        }
    }

    @Test func endlessHeadersAreCutOff() async throws {
        let line = "X-Long: \(String(repeating: "a", count: 4000))\r\n"
        try await HostileServer.with(first: "HTTP/1.1 200 OK\r\n", rest: line) { server, base in
            let verdict = try await post(to: base, timeout: .seconds(50))
            #expect(verdict.error?.hasPrefix("webhook: no answer (") == true, "\(verdict)")
            try await eventually("the connection is given up") { server.closed.value == 1 }
            #expect(server.sent.value < 50_000_000)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\n\n\n\nHTTP/1.1", "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 -20 OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "\u{0}\u{1}\u{2}",
        "HTTP/1.1 000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 999 OK\r\n\r\n",
    ])
    func whatIsNoAnswerEndsTheAttempt(bytes: String) async throws {
        try await HostileServer.with(first: bytes) { _, base in
            let verdict = try await post(to: base, timeout: .seconds(1))
            switch verdict {
            case .transient(_, after: nil), .accepted(Receipt(provider: "webhook", status: 200)): break
            default: Issue.record("\(verdict)")
            }
        }
    }

    private static func noAnswer(_ reason: String) -> String {
        "webhook: no answer (\(reason)). It is tried again on schedule; if this goes on, tell the endpoint's owner."
    }
}
