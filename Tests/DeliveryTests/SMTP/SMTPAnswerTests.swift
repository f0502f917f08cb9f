import Messaging
import Testing

@testable import Delivery

@Suite struct SMTPAnswerTests {
    typealias Row = (exchange: MailExchange, kind: Verdict.Kind, code: Int?)

    private static func row(
        _ end: MailExchange.End, _ stage: MailExchange.Stage, _ kind: Verdict.Kind, _ code: Int? = nil
    ) -> Row {
        let said = code.flatMap { (400..<600).contains($0) ? $0 : nil }
        return (MailExchange(end, at: stage, reply: code.map { .init(code: $0) }), kind, said)
    }

    private static let lost = MailExchange.End.failed("failure when receiving data from the peer")

    static let connecting = [
        row(lost, .nothing, .transient), row(.timedOut, .nothing, .transient), row(.cancelled, .nothing, .transient),
        row(lost, .nothing, .transient, 421), row(lost, .nothing, .transient, 554),
        row(lost, .nothing, .transient, 299),
        row(.badCertificate, .nothing, .misconfigured), row(.unusable, .nothing, .misconfigured),
        row(lost, .hello, .transient, 421), row(lost, .hello, .misconfigured, 550), row(lost, .hello, .transient),
        row(.noTLS, .hello, .misconfigured, 250), row(.noTLS, .startTLS, .transient, 454),
        row(.noTLS, .startTLS, .misconfigured, 502), row(.badCertificate, .startTLS, .misconfigured, 220),
        row(lost, .startTLS, .transient, 220),
        row(.noLogin, .hello, .misconfigured, 250), row(.noLogin, .login, .misconfigured, 535),
        row(.noLogin, .login, .misconfigured, 534), row(.noLogin, .login, .misconfigured, 538),
        row(.noLogin, .login, .misconfigured, 504), row(.noLogin, .login, .transient, 454),
        row(.noLogin, .login, .transient, 432), row(lost, .login, .transient), row(.timedOut, .login, .transient, 334),
    ]

    static let envelope = [MailExchange.Stage.sender, .recipient, .data].flatMap { stage in
        [421, 450, 451, 452, 454, 471].map { row(lost, stage, .transient, $0) }
            + [500, 501, 503, 550, 551, 552, 553, 554, 571].map { row(lost, stage, .refused, $0) }
            + [530, 534, 535, 538].map { row(lost, stage, .misconfigured, $0) }
            + [
                row(lost, stage, .transient), row(.timedOut, stage, .transient), row(.cancelled, stage, .transient),
                row(lost, stage, .transient, 250), row(lost, stage, .transient, 354),
            ]
    }

    static let ending = [
        row(.sent, .end, .accepted, 250), row(lost, .end, .accepted, 251), row(.cancelled, .end, .accepted, 250),
        row(lost, .end, .ambiguous), row(.timedOut, .end, .ambiguous), row(.cancelled, .end, .ambiguous),
        row(lost, .end, .ambiguous, 354), row(lost, .end, .ambiguous, 600), row(lost, .end, .transient, 421),
        row(lost, .end, .transient, 451),
        row(lost, .end, .refused, 550), row(lost, .end, .refused, 552), row(lost, .end, .refused, 554),
        row(lost, .end, .misconfigured, 530),
    ]

    @Test(arguments: connecting + envelope + ending)
    func whatLibcurlKnewDecides(row: Row) {
        let verdict = SMTPAnswer.verdict(row.exchange, messageID: "<1@example.com>")
        #expect(verdict.kind == row.kind, "\(row.exchange): \(verdict)")
        if case .accepted(let receipt) = verdict {
            #expect(receipt == Receipt(provider: "smtp", id: "<1@example.com>"))
        } else {
            #expect(verdict.text.hasPrefix("smtp\(row.code.map { " \($0)" } ?? ""): "), "\(verdict.text)")
            #expect(verdict.text.hasSuffix("."))
        }
    }

    @Test func anErrorSaysWhatAndWhy() {
        let refused = MailExchange(Self.lost, at: .recipient, reply: .init(code: 550, status: "5.1.1"))
        #expect(
            SMTPAnswer.verdict(refused, messageID: "").text
                == """
                smtp 550: the server refused the recipient (5.1.1). Look the code up at the mail server and correct \
                the message.
                """)
        #expect(
            SMTPAnswer.verdict(MailExchange(.failed("could not connect")), messageID: "").text
                == """
                smtp: not sent: could not connect. It is tried again; if this goes on, check the network, DNS and the \
                mail server.
                """)
    }

    @Test(
        arguments: [
            ("5.1.1", MailExchange.Stage.recipient, true), ("5.2.1", .recipient, true), ("5.7.1", .recipient, false),
            (nil, .recipient, false), ("5.1.1", .sender, false), ("5.1.1", .end, false),
        ] as [(String?, MailExchange.Stage, Bool)])
    func onlyAMailboxThatIsNotThereIsSuppressed(status: String?, stage: MailExchange.Stage, suppresses: Bool) {
        let exchange = MailExchange(Self.lost, at: stage, reply: .init(code: 550, status: status))
        #expect((SMTPAnswer.verdict(exchange, messageID: "").fault?.suppresses == .hardBounce) == suppresses)
    }
}
