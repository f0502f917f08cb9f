import AsyncHTTPClient
import JobRuntime
import Messaging
import NIOHTTP1
import TestSupport
import Testing

@testable import Delivery

/// What customers may make a worker connect to: with real connections, and a resolver that lies.
@Suite(.timeLimit(.minutes(5))) struct EndpointGuardTests {
    private static let refusal = Verdict.refused(
        Fault(
            provider: "webhook", what: "the endpoint's host is not on the public Internet",
            remedy: "Give it a public address, or allow its own to the workers with WEBHOOK_ALLOW_CIDRS."))
    private static let sent = Verdict.accepted(Receipt(provider: "webhook", status: 200))

    /// Answers each lookup with the next of its answers, and with the last for ever.
    private final class Script: Sendable {
        let asked = Locked(0)
        private let answers: [[String]]

        init(_ answers: [String]...) { self.answers = answers }

        var resolver: NameResolver {
            NameResolver { _ in
                let number = self.asked.update { asked in
                    asked += 1
                    return asked
                }
                return self.answers[min(number, self.answers.count) - 1].compactMap { IPAddress(parsing: $0) }
            }
        }
    }

    /// Posts to `addresses` one after the other.
    private func post(
        to addresses: [String], allowed: [String], resolver: NameResolver = .system,
        answersCount life: Duration = .seconds(30)
    ) async throws -> [Verdict] {
        let cache = EndpointCache<HTTPClient>(answerLife: life)
        return try await withHTTP(OutboundHTTP(connectTimeout: .seconds(1), resolver: resolver, cache: cache)) { http in
            let settings = try WebhookSettings(
                secrets: [Secret(webhookSecret)], allowed: allowed.map { try AddressRange(parsing: $0) })
            let provider = WebhookProvider(http: http, settings: settings)
            var verdicts: [Verdict] = []
            for address in addresses {
                let webhook = Webhook(from: "shop", to: address, body: "{}")
                verdicts.append(await provider.send(webhook, attempt: attempt(kind: Webhook.kind)))
            }
            return verdicts
        }
    }

    /// Every way to write this machine's address meets the same guard, and would have got there without it.
    @Test(arguments: [
        "127.0.0.1", "localhost", "LocalHost", "127.1", "0x7f.1", "0x7F000001", "2130706433", "0177.0.0.1",
        "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    ])
    func thisMachineIsRefusedHoweverItIsWritten(host: String) async throws {
        try await isRefused(host, by: .system)
    }

    @Test(arguments: ["inside.test", "inside.test.", "INSIDE.Test", "127.0.0.1."])
    func aNameThatLeadsHereIsRefusedHoweverItIsWritten(host: String) async throws {
        try await isRefused(host, by: NameResolver { _ in [.v4(0x7F00_0001)] })
    }

    /// Refused without a connection; and one that is made where it is allowed.
    private func isRefused(_ host: String, by resolver: NameResolver) async throws {
        try await TestServer.with({ _ in .answer(.ok) }) { server in
            let address = "http://\(host):\(server.port)/hook"
            let guarded = try await post(to: [address], allowed: [], resolver: resolver)
            #expect(guarded == [Self.refusal] && server.received.isEmpty)
            let open = try await post(to: [address], allowed: ["127.0.0.0/8"], resolver: resolver)
            #expect(open == [Self.sent] && server.received.count == 1)
        }
    }

    @Test(arguments: [
        "[::1]", "[::]", "0.0.0.0", "10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "[64:ff9b::7f00:1]",
    ])
    func literalsThatLeadInsideAreRefused(host: String) async throws {
        let verdicts = try await post(to: ["http://\(host)/", "https://\(host):8080/x"], allowed: [])
        #expect(verdicts == [Self.refusal, Self.refusal])
    }

    /// The first answer is an address that is permitted, every later one leads inside: the check and the connection see
    /// the same answer.
    @Test func anAnswerThatChangesAfterTheCheckChangesNothing() async throws {
        try await withNeighbours { outside, inside in
            let script = Script(["127.0.0.2"], ["127.0.0.1"])
            let verdicts = try await post(
                to: Array(repeating: "http://rebind.test:\(outside.port)/", count: 3), allowed: ["127.0.0.2/32"],
                resolver: script.resolver)
            #expect(verdicts == [Self.sent, Self.sent, Self.sent])
            #expect(outside.received.count == 3 && inside.received.isEmpty)
            #expect(script.asked.value == 1)
            #expect(outside.received.allSatisfy { $0.headers["host"] == ["rebind.test:\(outside.port)"] })
        }
    }

    @Test func everyNewAnswerIsCheckedAnew() async throws {
        try await withNeighbours { outside, inside in
            let script = Script(["127.0.0.2"], ["127.0.0.1"], ["127.0.0.2"])
            let verdicts = try await post(
                to: Array(repeating: "http://rebind.test:\(outside.port)/", count: 3), allowed: ["127.0.0.2/32"],
                resolver: script.resolver, answersCount: .zero)
            #expect(verdicts == [Self.sent, Self.refusal, Self.sent])
            #expect(outside.received.count == 2 && inside.received.isEmpty)
        }
    }

    @Test func ofSeveralAddressesOnlyPermittedOnesAreUsed() async throws {
        try await withNeighbours { outside, inside in
            let script = Script(["127.0.0.1", "::1", "127.0.0.2", "10.0.0.1"])
            let verdicts = try await post(
                to: ["http://both.test:\(outside.port)/"], allowed: ["127.0.0.2/32"], resolver: script.resolver)
            #expect(verdicts == [Self.sent])
            #expect(outside.received.count == 1 && inside.received.isEmpty)
        }
    }

    @Test func anAddressThatCannotBeReachedIsFollowedByTheNext() async throws {
        try await TestServer.with({ _ in .answer(.ok) }) { server in
            let script = Script(["127.0.0.2", "127.0.0.3", "127.0.0.1"])
            let verdicts = try await post(
                to: Array(repeating: "http://many.test:\(server.port)/", count: 2), allowed: ["127.0.0.0/8"],
                resolver: script.resolver)
            #expect(verdicts == [Self.sent, Self.sent])
            #expect(server.received.count == 2)
        }
    }

    /// A request that may have arrived is one attempt, and the next address is for the next.
    @Test func whatMayHaveArrivedIsNotSentToTheNextAddress() async throws {
        try await TestServer.with({ _ in .answer(.ok) }) { second in
            try await TestServer.with({ _ in .close }, host: "127.0.0.2", port: second.port) { first in
                let script = Script(["127.0.0.2", "127.0.0.1"])
                let verdicts = try await post(
                    to: ["http://many.test:\(first.port)/"], allowed: ["127.0.0.0/8"], resolver: script.resolver)
                #expect(verdicts[0].error?.contains("the connection was closed without an answer") == true)
                #expect(first.received.count == 1 && second.received.isEmpty)
            }
        }
    }

    @Test func aHostWithoutAddressIsTriedAgain() async throws {
        let missing = NameResolver { _ in throw LookupFailure.noAddress }
        guard
            case .transient(let fault, after: nil) = try await post(
                to: ["http://missing.test/"], allowed: [], resolver: missing)[0]
        else {
            Issue.record("not tried again")
            return
        }
        #expect("\(fault)".hasPrefix("webhook: not sent: the host name could not be resolved. "))
    }

    @Test func aRedirectToTheInsideIsNotFollowed() async throws {
        try await TestServer.with({ _ in .answer(.ok) }) { inside in
            let location = inside.base
            try await TestServer.with({ _ in .answer(.temporaryRedirect, ["Location": location]) }, host: "127.0.0.2") {
                let verdicts = try await post(to: ["http://127.0.0.2:\($0.port)/"], allowed: ["127.0.0.0/8"])
                #expect(verdicts[0].error?.contains("never followed") == true)
            }
            #expect(inside.received.isEmpty)
        }
    }

    /// Two servers on one port: one at 127.0.0.2, which tests permit, and one at 127.0.0.1, which they do not. That one
    /// chooses the port: others use its address, too.
    private func withNeighbours(
        _ body: (_ outside: TestServer, _ inside: TestServer) async throws -> Void
    ) async throws {
        try await TestServer.with({ _ in .answer(.ok) }) { inside in
            try await TestServer.with({ _ in .answer(.ok) }, host: "127.0.0.2", port: inside.port) { outside in
                try await body(outside, inside)
            }
        }
    }
}
