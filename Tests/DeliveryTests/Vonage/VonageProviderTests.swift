import Delivery
import FoundationEssentials
import JobRuntime
import Logging
import Messaging
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5))) struct VonageProviderTests {
    private static let secret = "abcdef0123456789"

    private func run(
        _ message: SMS = sms, against reaction: Reaction, attempt: Attempt = attempt(),
        timeout: Duration = .seconds(30), publicURL: String? = nil
    ) async throws -> (Verdict, [ReceivedRequest]) {
        try await TestServer.with({ _ in reaction }) { server in
            try await withHTTP { http in
                let settings = try VonageSettings(
                    apiKey: "abcd1234", apiSecret: Secret(Self.secret), baseURL: server.base + "/", timeout: timeout,
                    publicURL: publicURL)
                let provider = try VonageProvider(http: http, settings: settings)
                return (await provider.send(message, attempt: attempt), server.received)
            }
        }
    }

    private let accepted = Reaction.answer(.ok, [:], VonageAnswerTests.body(["0"]))

    @Test func anSMSIsPostedAsVonageWantsIt() async throws {
        let id = JobID()
        let (verdict, requests) = try await run(against: accepted, attempt: attempt(job: id))
        #expect(
            verdict == .accepted(Receipt(provider: "vonage", id: "0C000000217B7F00", segments: 1)))
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.method == .POST && request.uri == "/sms/json")
        #expect(request.headers["content-type"] == ["application/x-www-form-urlencoded"])
        #expect(
            request.text == """
                api_key=abcd1234&api_secret=abcdef0123456789&to=15558675309&from=15005550006&text=Hello+%26+welcome\
                &client-ref=\(id)&status-report-req=1
                """)
    }

    @Test func whatIsNotGSMIsUnicodeAndNamesStayAsTheyAre() async throws {
        let message = SMS(from: "Acme Shop", to: "+15558675309", body: "À bientôt")
        let (_, requests) = try await run(message, against: accepted, publicURL: "https://posthaste.test/")
        let form = try FormFields(try #require(requests.first).text)
        #expect(form["from"] == "Acme Shop" && form["type"] == "unicode" && form["text"] == "À bientôt")
        #expect(form["callback"] == "https://posthaste.test/api/v1/webhooks/vonage/status")
    }

    @Test(
        arguments: [
            (60_000, 20_000...30_000), (3_600_000, 3_500_000...3_600_000),
            (10 * 86_400_000, 604_800_000...604_800_000),
        ] as [(Int64, ClosedRange<Int64>)])
    func theTimeToLiveIsWithinVonagesLimits(remaining: Int64, expected: ClosedRange<Int64>) async throws {
        let plain = attempt()
        let expiring = Attempt(
            job: plain.job, kind: SMS.kind, queue: plain.queue, number: 1, deliveries: 1, enqueuedAt: 0,
            meta: JobMeta(expiresAt: .unixMilliseconds + remaining), consumer: "host-1-a", logger: plain.logger)
        let (_, requests) = try await run(against: accepted, attempt: expiring)
        let form = try FormFields(try #require(requests.first).text)
        let timeToLive = try #require(form["ttl"].flatMap { Int64($0) })
        #expect(expected.contains(timeToLive))
    }

    @Test(arguments: [-1000, 0, 25_000]) func whatVonageCouldDeliverTooLateIsNotSent(remaining: Int64) async throws {
        let plain = attempt()
        let expiring = Attempt(
            job: plain.job, kind: SMS.kind, queue: plain.queue, number: 1, deliveries: 1, enqueuedAt: 0,
            meta: JobMeta(expiresAt: .unixMilliseconds + remaining), consumer: "host-1-a", logger: plain.logger)
        let (verdict, requests) = try await run(against: accepted, attempt: expiring)
        guard case .expired = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(requests.isEmpty)
    }

    @Test func aPartThatFailedIsLogged() async throws {
        let book = LogBook()
        let (verdict, _) = try await run(
            against: .answer(.ok, [:], VonageAnswerTests.body(["0", "1"])), attempt: attempt(logger: book.logger))
        #expect(
            verdict == .accepted(Receipt(provider: "vonage", id: "0C000000217B7F00", segments: 1)))
        #expect(book.warnings.count == 1 && book.warnings.first?.hasPrefix("sent in part") == true)
    }

    @Test func wrongCredentialsTellTheOperator() async throws {
        let (verdict, _) = try await run(against: .answer(.ok, [:], VonageAnswerTests.body(["4"])))
        guard case .misconfigured = verdict, let error = verdict.error else {
            Issue.record("\(verdict)")
            return
        }
        #expect(error == "vonage 4: the account's credentials were refused. Check the API key and the API secret.")
    }

    @Test func aMessagingServiceIsNotAskedFor() async throws {
        let message = SMS(from: "MG0123456789abcdef0123456789abcdef", to: "+15558675309", body: "x")
        let (verdict, requests) = try await run(message, against: accepted)
        guard case .misconfigured = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(requests.isEmpty)
    }

    @Test(arguments: [
        Reaction.close, .reset, .silence, .answer(.internalServerError), .answer(.badGateway, [:], "<html>"),
        .answer(.ok, [:], VonageAnswerTests.body(["5"])), .beginAnswer(.ok, #"{"message-count":"1","messages":[{"st"#),
    ])
    func whatMayHaveBeenSentIsUnknownAndSentOnce(reaction: Reaction) async throws {
        let (verdict, requests) = try await run(against: reaction, timeout: .seconds(2))
        guard case .ambiguous = verdict, let error = verdict.error else {
            Issue.record("\(verdict)")
            return
        }
        #expect(error.contains("before sending it again"))
        #expect(requests.count == 1)
    }

    @Test func settingsAreChecked() throws {
        func settings(
            apiKey: String = "k", apiSecret: Secret = "s", baseURL: String = "https://x.test", publicURL: String? = nil
        ) throws -> VonageSettings {
            try VonageSettings(apiKey: apiKey, apiSecret: apiSecret, baseURL: baseURL, publicURL: publicURL)
        }
        #expect(throws: SettingsError(setting: "apiKey", expected: "the account's API key")) {
            try settings(apiKey: "")
        }
        #expect(throws: SettingsError(setting: "apiSecret", expected: "the account's API secret")) {
            try settings(apiSecret: "")
        }
        let address = "an address such as https://api.example.com"
        #expect(throws: SettingsError(setting: "baseURL", expected: address)) { try settings(baseURL: "x") }
        #expect(throws: SettingsError(setting: "publicURL", expected: address)) { try settings(publicURL: "x") }
        #expect(!"\(try settings(apiSecret: Secret(Self.secret)))".contains(Self.secret))
    }
}
