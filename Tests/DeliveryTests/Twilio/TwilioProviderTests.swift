import Delivery
import JobRuntime
import Messaging
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(5))) struct TwilioProviderTests {
    /// Runs one job against a server that reacts so.
    private func run<Message: TwilioMessage>(
        _ message: Message, against reaction: Reaction, timeout: Duration = .seconds(30)
    ) async throws -> (Verdict, [ReceivedRequest]) {
        try await TestServer.with({ _ in reaction }) { server in
            try await withHTTP { http in
                let settings = try TwilioSettings(
                    accountSID: accountSID, authToken: Secret(authToken), baseURL: server.base + "/", timeout: timeout)
                let provider = try TwilioProvider<Message>(http: http, settings: settings)
                let verdict = await provider.send(message, attempt: attempt(kind: Message.kind))
                return (verdict, server.received)
            }
        }
    }

    @Test func anSMSIsPostedAsTwilioWantsIt() async throws {
        let (verdict, requests) = try await run(sms, against: .answer(.created, [:], TwilioAnswerTests.created))
        #expect(
            verdict
                == .accepted(Receipt(provider: "twilio", id: "SM0123456789abcdef0123456789abcdef", segments: 3)))
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(request.method == .POST)
        #expect(request.uri == "/2010-04-01/Accounts/\(accountSID)/Messages.json")
        #expect(request.text == "To=%2B15558675309&From=%2B15005550006&Body=Hello+%26+welcome")
        #expect(request.headers["content-type"] == ["application/x-www-form-urlencoded"])
        #expect(request.headers["content-length"] == ["\(request.text.utf8.count)"])
        // `printf 'AC…:f00d…' | base64`
        #expect(
            request.headers["authorization"] == [
                "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpmMDBkZjAwZGYwMGRmMDBkZjAwZGYwMGRmMDBkZjAwZA=="
            ])
    }

    @Test func anMMSRepeatsItsMedia() async throws {
        let mms = MMS(
            from: "+15005550006", to: "+15558675309", body: "",
            attachments: ["https://x.test/a.png", "https://x.test/b?c=d&e"])
        let (_, requests) = try await run(mms, against: .answer(.created, [:], TwilioAnswerTests.created))
        #expect(
            requests.first?.text == """
                To=%2B15558675309&From=%2B15005550006&MediaUrl=https%3A%2F%2Fx.test%2Fa.png\
                &MediaUrl=https%3A%2F%2Fx.test%2Fb%3Fc%3Dd%26e
                """)
    }

    @Test func aPermanentErrorIsDead() async throws {
        let (verdict, _) = try await run(
            sms, against: .answer(.badRequest, [:], #"{"code":21211,"message":"+15558675309","status":400}"#))
        guard case .refused(let fault) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(
            "\(fault)"
                == "twilio 21211: the recipient is not a valid phone number. Correct the recipient's number.")
    }

    @Test func tooManyRequestsWaitsAsLongAsAsked() async throws {
        let (verdict, _) = try await run(
            sms, against: .answer(.tooManyRequests, ["Retry-After": "17"], #"{"code":20429,"status":429}"#))
        guard case .throttled(_, after: .seconds(17)) = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test func a400ThatBreaksOffIsNotTakenForAPermanentRefusal() async throws {
        let (verdict, _) = try await run(sms, against: .answer(.badRequest, [:], #"{"code":216"#))
        guard case .transient(let fault, after: nil) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(fault.what.contains("without a code"))
    }

    @Test func wrongCredentialsTellTheOperator() async throws {
        let (verdict, _) = try await run(
            sms, against: .answer(.unauthorized, [:], #"{"code":20003,"message":"Authenticate","status":401}"#))
        guard case .misconfigured(let fault) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        let error = "\(fault)"
        #expect(error.contains("Check the account SID and the auth token"))
        #expect(!error.contains(authToken))
    }

    @Test(arguments: [
        Reaction.close, .reset, .silence, .answer(.internalServerError), .answer(.badGateway, [:], "<html>"),
        .answer(.serviceUnavailable, [:], #"{"code":20500,"status":503}"#),
    ])
    func whatMayHaveBeenSentIsUnknownAndSentOnce(reaction: Reaction) async throws {
        let (verdict, requests) = try await run(sms, against: reaction, timeout: .seconds(2))
        guard case .ambiguous(let fault) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect("\(fault)".contains("before sending it again"))
        #expect(requests.count == 1)
    }

    @Test func anAcceptanceWhoseBodyNeverComesIsAnAcceptance() async throws {
        let (verdict, _) = try await run(sms, against: .beginAnswer(.created, #"{"sid":"#), timeout: .seconds(2))
        #expect(verdict == .accepted(Receipt(provider: "twilio")))
    }

    @Test func nobodyListeningIsARetry() async throws {
        let port = try await TestServer.closedPort()
        try await withHTTP { http in
            let settings = try TwilioSettings(
                accountSID: accountSID, authToken: Secret(authToken), baseURL: "http://127.0.0.1:\(port)")
            let verdict = await (try TwilioProvider<SMS>(http: http, settings: settings)).send(sms, attempt: attempt())
            guard case .transient(let fault, after: nil) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect("\(fault)".hasPrefix("twilio: not sent: connection refused."))
        }
    }

    @Test func aStopInMidFlightLeavesDoubt() async throws {
        try await TestServer.with({ _ in .silence }) { server in
            try await withHTTP { http in
                let settings = try TwilioSettings(
                    accountSID: accountSID, authToken: Secret(authToken), baseURL: server.base, timeout: .seconds(50))
                let provider = try TwilioProvider<SMS>(http: http, settings: settings)
                let task = Task { await provider.send(sms, attempt: attempt()) }
                _ = await server.nextRequest()
                task.cancel()
                guard case .ambiguous = await task.value else {
                    Issue.record("a message that may have been sent was given back")
                    return
                }
            }
        }
    }
}
