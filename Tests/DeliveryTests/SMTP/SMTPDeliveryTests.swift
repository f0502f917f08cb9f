import JobRuntime
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// Against a real mail server: how it is reached, and what becomes of a mail that goes wrong.
@Suite(.enabled(if: MailServer.python != nil, MailServer.reason), .timeLimit(.minutes(5)))
struct SMTPDeliveryTests {
    private func settings(
        _ server: MailServer, _ options: String = "", user: String? = nil, scheme: String = "smtp",
        host: String = "127.0.0.1", timeout: Duration = .seconds(60), connections: Int = 4
    ) throws -> SMTPSettings {
        let url = "\(scheme)://\(user.map { $0 + "@" } ?? "")\(host):\(server.port)\(options)"
        return try SMTPSettings(
            url: Secret(url), timeout: timeout, connectTimeout: .seconds(60), connections: connections)
    }

    @Test func aConnectionIsKeptAndLeftWithQUIT() async throws {
        try await MailServer.with { server in
            try await withSMTP(settings(server)) { smtp in
                for _ in 1...5 {
                    let id = JobID()
                    let receipt = Receipt(provider: "smtp", id: "<\(id)@example.com>")
                    #expect(await smtp.send(mail, id: id) == .accepted(receipt))
                    let taken = try #require(try server.mail(id))
                    #expect(taken.header("Message-ID") == ["<\(id)@example.com>"])
                    #expect(taken.sender == "shop@example.com" && taken.recipients == ["ann@example.org"])
                    #expect(taken.isSizeTrue == true && taken.tls == false && taken.login == false)
                }
            }
            try await eventually("QUIT is heard") { try server.events("quit").count == 1 }
            #expect(try server.events("connection").count == 1)
            #expect(try server.events("mail").count == 5)
        }
    }

    @Test(arguments: [
        ("starttls", "smtp", "?tls=required&ca="), ("starttls", "smtp", "?tls=optional&ca="),
        ("implicit", "smtps", "?ca="),
    ])
    func tlsIsSpokenAndLogsIn(tls: String, scheme: String, options: String) async throws {
        try await MailServer.with(.init(tls: tls, login: true)) { server in
            for host in ["127.0.0.1", "localhost"] {
                let settings = try settings(
                    server, options + server.authority, user: MailServer.credentials, scheme: scheme, host: host)
                try await withSMTP(settings) { smtp in
                    for _ in 1...2 {
                        let id = JobID()
                        #expect(await smtp.send(mail, id: id).kind == .accepted)
                        let taken = try #require(try server.mail(id))
                        #expect(taken.tls == true && taken.login == true)
                    }
                }
            }
            #expect(try server.events("connection").count == 2)
            try await eventually("QUIT is heard") { try server.events("quit").count == 2 }
        }
    }

    @Test func withoutTLSItIsNotSentWhereTLSIsDemanded() async throws {
        try await MailServer.with { server in
            let verdict = try await withSMTP(settings(server, "?tls=required")) { await $0.send(mail) }
            #expect(verdict.kind == .misconfigured && verdict.text.contains("offers no TLS"), "\(verdict)")
            let optional = try await withSMTP(settings(server, "?tls=optional")) { await $0.send(mail) }
            #expect(optional.kind == .accepted)
            #expect(try server.events("mail").count == 1)
        }
    }

    @Test(arguments: [("starttls", "smtp", "?tls=required"), ("implicit", "smtps", "")])
    func aStrangersCertificateIsRefused(tls: String, scheme: String, options: String) async throws {
        try await MailServer.with(.init(tls: tls)) { server in
            let strict = try await withSMTP(settings(server, options, scheme: scheme)) { await $0.send(mail) }
            #expect(strict.kind == .misconfigured && strict.text.contains("certificate"), "\(strict)")
            let off = options.isEmpty ? "?verify=off" : "&verify=off"
            let lax = try await withSMTP(settings(server, options + off, scheme: scheme)) { await $0.send(mail) }
            #expect(lax.kind == .accepted)
            #expect(try server.events("mail").count == 1)
        }
    }

    @Test(arguments: ["PLAIN", "LOGIN"])
    func aLoginIsTakenOrRefused(mechanism: String) async throws {
        try await MailServer.with(.init(login: true, mechanisms: [mechanism])) { server in
            let right = try settings(server, user: MailServer.credentials)
            #expect(try await withSMTP(right) { await $0.send(mail) }.kind == .accepted)
            let wrong = try await withSMTP(settings(server, user: "ann:s3cret")) { await $0.send(mail) }
            #expect(wrong.kind == .misconfigured, "\(wrong)")
            #expect(wrong.text.hasPrefix("smtp 535: the server refused the login (5.7.8). "), "\(wrong.text)")
            let none = try await withSMTP(settings(server)) { await $0.send(mail) }
            #expect(none.text.hasPrefix("smtp 530: the server refused the sender (5.7.0). "), "\(none.text)")
            #expect(none.kind == .misconfigured)
            #expect(try server.events("login").map(\.mechanism) == [mechanism, mechanism])
        }
    }

    @Test func withoutAKnownWayToLogInItIsNotSent() async throws {
        try await MailServer.with(.init(login: true, mechanisms: [])) { server in
            let verdict = try await withSMTP(settings(server, user: MailServer.credentials)) { await $0.send(mail) }
            #expect(verdict.kind == .misconfigured, "\(verdict)")
        }
    }

    @Test func nobodyThereIsTriedAgain() async throws {
        let port = try await TestServer.closedPort()
        for host in ["127.0.0.1:\(port)", "nobody.invalid:25"] {
            let settings = try SMTPSettings(url: Secret("smtp://\(host)?tls=none"))
            let verdict = try await withSMTP(settings) { await $0.send(mail) }
            #expect(verdict.kind == .transient && verdict.text.contains("not sent"), "\(verdict)")
        }
    }

    @Test(arguments: [("421", "4.3.2"), ("554", "5.7.1")])
    func anUnfriendlyGreetingIsTriedAgain(code: String, status: String) async throws {
        try await MailServer.with(.init(greeting: "\(code) \(status) go away")) { server in
            let verdict = try await withSMTP(settings(server)) { await $0.send(mail) }
            #expect(verdict.kind == .transient, "\(verdict)")
            #expect(verdict.text.hasPrefix("smtp \(code): the server put off the connection (\(status)). "))
        }
    }

    @Test func eachRefusalIsUnderstoodAtEachStage() async throws {
        try await MailServer.with { server in
            try await withSMTP(settings(server)) { smtp in
                for (stage, what) in [("mail", "sender"), ("rcpt", "recipient"), ("data", "mail"), ("end", "mail")] {
                    for (code, kind) in [
                        ("421-4.3.2", Verdict.Kind.transient), ("451-4.7.1", .transient), ("450", .transient),
                        ("550-5.1.1", .refused), ("552-5.3.4", .refused), ("554", .refused),
                        ("530-5.7.0", .misconfigured),
                    ] {
                        let address = "\(stage)-\(code)@example.org"
                        let verdict = await smtp.send(stage == "mail" ? mail.from(address) : mail.to(address))
                        let words = code.split(separator: "-")
                        #expect(verdict.kind == kind, "\(address): \(verdict)")
                        #expect(verdict.text.hasPrefix("smtp \(words[0]): the server "))
                        #expect(verdict.text.contains("the \(what)\(words.count > 1 ? " (\(words[1]))" : "")."))
                        #expect(!verdict.text.contains("example.org"), "\(verdict.text)")
                    }
                }
                #expect(await smtp.send(mail).kind == .accepted)
            }
        }
    }

    @Test func aLostConnectionIsInDoubtOnlyAfterTheEnd() async throws {
        try await MailServer.with { server in
            try await withSMTP(settings(server)) { smtp in
                for stage in ["mail", "rcpt", "data", "end"] {
                    let address = "\(stage)-drop@example.org"
                    let verdict = await smtp.send(stage == "mail" ? mail.from(address) : mail.to(address))
                    #expect(verdict.kind == (stage == "end" ? .ambiguous : .transient), "\(stage): \(verdict)")
                }
                // So long that no buffer on the way holds all of it.
                var long = mail.to("body-drop@example.org")
                long.attachments = [
                    .init(filename: "long", type: "a/b", content: String(repeating: "A", count: 16 << 20))
                ]
                let verdict = await smtp.send(long)
                #expect(verdict.kind == .transient, "\(verdict)")
            }
            #expect(try server.events("drop").map(\.stage) == ["mail", "rcpt", "data", "end", "body"])
        }
    }

    @Test func aSlowServerRunsOutOfTime() async throws {
        try await MailServer.with { server in
            let before = try await withSMTP(settings(server, timeout: .seconds(1))) {
                await $0.send(mail.to("rcpt-slow@example.org"))
            }
            #expect(before.kind == .transient && before.text.contains("time-out"), "\(before)")
            // A connection that is there already, so that the time is the server's alone.
            try await withSMTP(settings(server, timeout: .seconds(5))) { smtp in
                #expect(await smtp.send(mail).kind == .accepted)
                let after = await smtp.send(mail.to("end-slow@example.org"))
                #expect(after.kind == .ambiguous && after.text.contains("time-out"), "\(after)")
            }
        }
    }

    @Test(arguments: [("rcpt", Verdict.Kind.transient), ("end", .ambiguous)])
    func aCancelledTaskEndsIt(stage: String, kind: Verdict.Kind) async throws {
        try await MailServer.with { server in
            try await withSMTP(settings(server, connections: 1)) { smtp in
                try await withThrowingTaskGroup(of: Verdict.self) { group in
                    group.addTask { await smtp.send(mail.to("\(stage)-slow@example.org")) }
                    try await eventually("the server is slow") { try server.events("slow").count == 1 }
                    // One that waits for the only connection ends at once, and takes nothing along.
                    let waiting = Task { await smtp.send(mail) }
                    waiting.cancel()
                    #expect(await waiting.value.kind == .transient)
                    group.cancelAll()
                    let verdict = try #require(try await group.next())
                    #expect(verdict.kind == kind && verdict.text.contains("cancelled"), "\(verdict)")
                }
                #expect(await smtp.send(mail).kind == .accepted)
            }
            #expect(try server.events("mail").count == (stage == "end" ? 2 : 1))
        }
    }

    /// libcurl blocks while it waits for the reply to a mail's end: that must be nobody else's wait.
    @Test func aSlowReplyHoldsUpNoOtherMail() async throws {
        try await MailServer.with { server in
            try await withSMTP(settings(server, connections: 2)) { smtp in
                try await withThrowingTaskGroup(of: Verdict.self) { group in
                    group.addTask { await smtp.send(mail.to("end-slow@example.org")) }
                    try await eventually("the server is slow") { try server.events("slow").count == 1 }
                    for _ in 1...3 { #expect(await smtp.send(mail).kind == .accepted) }
                    group.cancelAll()
                    #expect(try await group.next()?.kind == .ambiguous)
                }
            }
        }
    }

    @Test func aMailThatWaitedTooLongForAConnectionIsNotBegun() async throws {
        try await MailServer.with { server in
            let transport = MailTransport(try settings(server))
            let exchange = await transport.deliver(
                OutgoingMail(from: mail.from, to: mail.to, bytes: []), since: .now - .seconds(61))
            await transport.shutdown()
            #expect(exchange == MailExchange(.failed("all 4 connections to the mail server were busy")))
            #expect(try server.events("connection").isEmpty)
        }
    }

    /// A connection that the server is done with says nothing of the mail.
    @Test func aServerThatWantsNewConnectionsGetsThem() async throws {
        try await MailServer.with(.init(mailsPerConnection: 2)) { server in
            try await withSMTP(settings(server)) { smtp in
                for _ in 1...5 { #expect(await smtp.send(mail).kind == .accepted) }
            }
            #expect(try server.events("mail").map(\.connection) == [1, 1, 2, 2, 3])
        }
    }

    @Test func manyMailsShareTheConnections() async throws {
        try await MailServer.with { server in
            let verdicts = try await withSMTP(settings(server, connections: 3)) { smtp in
                await withTaskGroup(of: Verdict.self) { group in
                    for _ in 1...60 { group.addTask { await smtp.send(mail) } }
                    return await group.reduce(into: []) { $0.append($1.kind) }
                }
            }
            #expect(verdicts == Array(repeating: .accepted, count: 60))
            #expect(try server.events("connection").count <= 3)
            #expect(Set(try server.events("mail").compactMap { $0.header("Message-ID").first }).count == 60)
        }
    }

    @Test func aServerThatDoesNotAnswerQUITHoldsUpNothing() async throws {
        try await MailServer.with(.init(muteQuit: true)) { server in
            let settings = try settings(server)
            let began = ContinuousClock.now
            try await withSMTP(settings) { smtp in
                // After a refusal, and at the end: libcurl itself would wait for two minutes each.
                #expect(await smtp.send(mail.to("rcpt-550@example.org")).kind == .refused)
                #expect(await smtp.send(mail).kind == .accepted)
            }
            #expect(ContinuousClock.now - began < .seconds(60))
            try await eventually("QUIT is heard") { try server.events("quit").count == 2 }
        }
    }

    @Test func afterTheEndNothingIsSent() async throws {
        let transport = MailTransport(try SMTPSettings(url: "smtp://127.0.0.1"))
        await transport.shutdown()
        #expect(await SMTPProvider(transport: transport).send(mail).kind == .transient)
    }
}
