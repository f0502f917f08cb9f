import Crypto
import Delivery
import FoundationEssentials
import JobRuntime
import Messaging
import NIOCore
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebhookProviderTests {
    private static let second = "whsec_" + Data(repeating: 9, count: 32).base64EncodedString()

    private func run(
        against react: @escaping @Sendable (ReceivedRequest) -> Reaction, attempts: [Attempt],
        body: String = #"{"event": "order.paid", "note": "é"}"#, timeout: Duration = .seconds(30)
    ) async throws -> ([Verdict], [ReceivedRequest]) {
        try await TestServer.with(react) { server in
            try await withHTTP { http in
                let settings = try WebhookSettings(
                    secrets: [Secret(webhookSecret), Secret(Self.second)], timeout: timeout, allowed: [loopback])
                let provider = WebhookProvider(http: http, settings: settings)
                let webhook = Webhook(from: "shop", to: server.base + "/hook?a=b%20c", body: body)
                var verdicts: [Verdict] = []
                for attempt in attempts { verdicts.append(await provider.send(webhook, attempt: attempt)) }
                return (verdicts, server.received)
            }
        }
    }

    /// The receiver's side of Standard Webhooks, with nothing of ours in it.
    private func verifies(_ request: ReceivedRequest, signature: Substring, secret: String) -> Bool {
        guard let key = Data(base64Encoded: String(secret.dropFirst(6))), signature.hasPrefix("v1,"),
            let code = Data(base64Encoded: String(signature.dropFirst(3))),
            let id = request.headers.first(name: "webhook-id"),
            let timestamp = request.headers.first(name: "webhook-timestamp")
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Data("\(id).\(timestamp).\(request.text)".utf8), using: SymmetricKey(data: key))
    }

    @Test func aPostIsSignedWithEverySecret() async throws {
        let id = JobID()
        let before = Int64.unixMilliseconds / 1000
        let (verdicts, requests) = try await run(
            against: { _ in .answer(.noContent) }, attempts: [attempt(job: id, kind: Webhook.kind)])
        #expect(verdicts == [.accepted(Receipt(provider: "webhook", status: 204))])
        let request = try #require(requests.first)
        #expect(request.method == .POST && request.uri == "/hook?a=b%20c")
        #expect(request.text == #"{"event": "order.paid", "note": "é"}"#)
        #expect(request.headers["content-type"] == ["application/json"])
        #expect(request.headers["webhook-id"] == [id.description])
        let timestamp = try #require(request.headers.first(name: "webhook-timestamp").flatMap { Int64($0) })
        #expect((before...Int64.unixMilliseconds / 1000).contains(timestamp))
        let signatures = try #require(request.headers.first(name: "webhook-signature")).split(separator: " ")
        #expect(signatures.count == 2)
        #expect(verifies(request, signature: signatures[0], secret: webhookSecret))
        #expect(verifies(request, signature: signatures[1], secret: Self.second))
        #expect(!verifies(request, signature: signatures[0], secret: Self.second))
    }

    @Test func theIdStaysOverRetries() async throws {
        let id = JobID()
        let (verdicts, requests) = try await run(
            against: { $0.connection > 0 ? .answer(.internalServerError) : .silence },
            attempts: [1, 2, 3].map { attempt(job: id, kind: Webhook.kind, number: $0) })
        #expect(requests.map { $0.headers["webhook-id"] } == [[id.description], [id.description], [id.description]])
        // The dot parts what is signed.
        #expect(!id.description.contains("."))
        for verdict in verdicts {
            guard case .transient(let fault, after: nil) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
            #expect(fault.what.contains("HTTP 500"))
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let (verdicts, requests) = try await run(
            against: { request in
                request.uri == "/elsewhere" ? .answer(.ok) : .answer(.temporaryRedirect, ["Location": "/elsewhere"])
            }, attempts: [attempt(kind: Webhook.kind)])
        #expect(requests.map(\.uri) == ["/hook?a=b%20c"])
        guard case .transient(let fault, after: nil) = verdicts.first else {
            Issue.record("\(verdicts)")
            return
        }
        #expect(fault.what.contains("never followed"))
    }

    @Test func goneIsDead() async throws {
        let (verdicts, _) = try await run(
            against: { _ in .answer(.gone) }, attempts: [attempt(kind: Webhook.kind)])
        guard case .refused(let fault) = verdicts.first else {
            Issue.record("\(verdicts)")
            return
        }
        #expect("\(fault)" == "webhook: the endpoint is gone (HTTP 410). Stop sending to it.")
        #expect(fault.suppresses == .gone)
    }

    @Test(arguments: [Reaction.silence, .close, .reset])
    func noAnswerIsARetry(reaction: Reaction) async throws {
        let (verdicts, _) = try await run(
            against: { _ in reaction }, attempts: [attempt(kind: Webhook.kind)], timeout: .seconds(2))
        guard case .transient = verdicts.first else {
            Issue.record("\(verdicts)")
            return
        }
    }

    @Test func successCountsThoughTheAnswerNeverEnds() async throws {
        let (verdicts, _) = try await run(
            against: { _ in .beginAnswer(.ok, "...") }, attempts: [attempt(kind: Webhook.kind)],
            timeout: .seconds(2))
        #expect(verdicts == [.accepted(Receipt(provider: "webhook", status: 200))])
    }

    @Test(arguments: ["http+unix://%2Ftmp%2Fredis.sock/x", "ftp://x.test/", "nonsense", "", "http:///path"])
    func whatIsNoAddressIsDead(address: String) async throws {
        try await withHTTP { http in
            let provider = WebhookProvider(
                http: http, settings: try WebhookSettings(secrets: [Secret(webhookSecret)]))
            let verdict = await provider.send(
                Webhook(from: "shop", to: address, body: "{}"), attempt: attempt(kind: Webhook.kind))
            guard case .refused(let fault) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(
                "\(fault)"
                    == "webhook: the endpoint is not an http or https address. Correct the address and send it anew.")
        }
    }

    @Test func aStopInMidFlightCanBeRepeated() async throws {
        try await TestServer.with({ _ in .silence }) { server in
            try await withHTTP { http in
                let settings = try WebhookSettings(
                    secrets: [Secret(webhookSecret)], timeout: .seconds(50), allowed: [loopback])
                let provider = WebhookProvider(http: http, settings: settings)
                let webhook = Webhook(from: "shop", to: server.base, body: "{}")
                let task = Task { await provider.send(webhook, attempt: attempt(kind: Webhook.kind)) }
                _ = await server.nextRequest()
                task.cancel()
                guard case .transient = await task.value else {
                    Issue.record("not to be repeated")
                    return
                }
            }
        }
    }
}
