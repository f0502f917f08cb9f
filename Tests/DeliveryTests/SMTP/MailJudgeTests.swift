import Crypto
import Foundation
import JobRuntime
import Messaging
import TestSupport
import Testing

@testable import Delivery

/// What a real server gets and Python's mail package reads is what was meant.
@Suite(.enabled(if: MailServer.python != nil, MailServer.reason), .timeLimit(.minutes(5)))
struct MailJudgeTests {
    private static let nasty: [Email] = [
        mail,
        Email(from: "a@example.com", to: "b@example.org", subject: "🎉 Grüße, 東京 👩‍👩‍👧", body: "👋🏽\né"),
        Email(from: "a@example.com", to: "b@example.org", subject: "dots", body: ".\n..\n...x\n\n.\r\n.\n"),
        Email(from: "a@example.com", to: "b@example.org", subject: "dots", body: ".", html: "."),
        Email(
            from: "a@example.com", to: "b@example.org", subject: String(repeating: "long ", count: 199),
            body: String(repeating: "x", count: 5000) + "\n" + String(repeating: "é ", count: 5000),
            html: String(repeating: "<b> . </b>", count: 500)),
        Email(from: "a@example.com", to: "b@example.org", subject: "CR", body: "a\rb\r\rc\r\n\r", html: "\r\r\n"),
        Email(from: "a@example.com", to: "b@example.org", subject: "html alone", body: "", html: "<p>é</p>"),
        Email(from: "a@example.com", to: "b@example.org", subject: "", body: ""),
        Email(
            from: "a@example.com", to: "b@example.org", subject: "a\r\nBcc: eve@example.com\r\n\r\nhello",
            body: "x\0\u{7}\u{1B}",
            attachments: [
                .init(filename: "a\"\r\nX: y/../é.pdf", type: "application/pdf\r\nX: y", content: "QUJD"),
                .init(filename: String(repeating: "名前 ", count: 40), type: "text/csv; charset=iso-8859-1", content: ""),
                .init(filename: "=?utf-8?q?x?=", type: "message/rfc822", content: "Rg=="),
            ]),
        Email(
            from: "a@example.com", to: "b@example.org", subject: "boundaries",
            body: "--=_mixed_\n--=_alternative_\nFrom me\nSubject: x", html: "--=_alternative_\r\n\r\n--",
            attachments: [.init(filename: "1 MB", type: "application/octet-stream", content: megabyte)]),
    ]

    private static let megabyte: String = {
        var random = SeededGenerator(state: 1)
        return Data((0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } })
            .base64EncodedString()
    }()

    @Test func nastyMailsArriveAsTheyAre() async throws {
        try await deliver(Self.nasty)
    }

    @Test func whateverAMailHoldsItsHeadersAreThoseThatAreMeant() async throws {
        var random = SeededGenerator(state: 20_260_228)
        try await deliver((1...300).map { _ in .random(using: &random) })
    }

    private func deliver(_ mails: [Email]) async throws {
        try await MailServer.with { server in
            let settings = try SMTPSettings(
                url: Secret("smtp://127.0.0.1:\(server.port)"), timeout: .seconds(60), connectTimeout: .seconds(60))
            try await withSMTP(settings) { smtp in
                let ids = mails.map { _ in JobID() }
                for (mail, id) in zip(mails, ids) {
                    let verdict = await smtp.send(mail, id: id)
                    #expect(verdict.kind == .accepted, "\(verdict) \(mail)")
                }
                let taken = Dictionary(grouping: try server.events("mail")) { $0.header("X-Posthaste-ID").first ?? "" }
                for (mail, id) in zip(mails, ids) {
                    let found = try #require(taken["\(id)"], "\(mail)")
                    #expect(found.count == 1)
                    try judge(found[0], mail, id)
                }
            }
        }
    }

    private func judge(_ taken: MailServer.Event, _ mail: Email, _ id: JobID) throws {
        let meant = [
            ["From", mail.from], ["To", mail.to], ["Subject", shown(mail.subject)],
            ["Message-ID", "<\(id)@\(mail.from.split(separator: "@")[1])>"], ["X-Posthaste-ID", "\(id)"],
            ["MIME-Version", "1.0"],
        ]
        let framing = ["Date", "Content-Type", "Content-Transfer-Encoding"]
        #expect(taken.headers?.filter { !framing.contains($0[0]) } == meant, "\(mail)")
        #expect(taken.date == 1_700_000_000)
        #expect(taken.defects == [], "\(mail)")
        let isPlainShown = !mail.body.isEmpty || mail.html == nil
        #expect(taken.text.map(lines) == (isPlainShown ? lines(mail.body) : nil))
        #expect(taken.html.map(lines) == mail.html.map(lines))
        #expect(taken.isASCII == true && taken.loneBreaks == 0 && taken.dots == 0 && taken.isSizeTrue == true)
        #expect(try #require(taken.longest) <= 78)
        #expect(taken.attachments?.count == mail.attachments?.count ?? 0)
        for (found, sent) in zip(taken.attachments ?? [], mail.attachments ?? []) {
            let bytes = try #require(Data(base64Encoded: sent.content))
            #expect(found.sha256 == SHA256.hash(data: bytes).map { hex($0) }.joined())
            let name = shown(sent.filename).trimmingCharacters(in: .init(charactersIn: " "))
            #expect(found.filename == (name.isEmpty ? nil : name))
            let type = MediaType.sendable(sent.type).split(separator: "; charset=")
            #expect(found.type == type[0] && found.charset == (type.count > 1 ? String(type[1]) : nil))
        }
    }

    /// In a mail a line ends in CRLF whatever it ended in, and the last line of a mail of one part ends, too.
    private func lines(_ text: String) -> String {
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
            scalars.append(scalar)
        }
        if scalars.last == "\n" { scalars.removeLast() }
        return String(String.UnicodeScalarView(scalars))
    }

    private func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl =
                        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
                        || (0x2028...0x2029).contains(scalar.value)
                    return isControl ? " " : scalar
                }))
    }

    private func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

extension Email {
    /// Whatever passes for a mail, of pieces that have broken some mailer.
    fileprivate static func random(using random: inout SeededGenerator) -> Email {
        let domain = ["example.com", "xn--mnchen-3ya.example", "a.b.c.example"].randomElement(using: &random) ?? ""
        var mail = Email(
            from: "\(["a", "o'b=x+y", "{|}~!#$%&*/?^_`"].randomElement(using: &random) ?? "a")@\(domain)",
            to: "\(String(repeating: "x", count: .random(in: 1...60, using: &random)))@example.org",
            subject: text(using: &random), body: text(using: &random))
        if Bool.random(using: &random) { mail.html = text(using: &random) }
        mail.attachments = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            let content = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            return Attachment(
                filename: text(using: &random), type: text(using: &random),
                content: Data(content).base64EncodedString())
        }
        return mail
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let pieces = [
            "a", "word ", " ", "  ", "\t", "\r", "\n", "\r\n", "\r\n\r\n", ".", "\n.\n", "=", "=?", "?=",
            "=?utf-8?q?=20?=", "é",
            "東京", "👩‍👩‍👧", "\u{0}", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{202E}", "\"", "\\", "'", "%", "%41", "*", ";",
            ",", ":",
            "<", ">", "(", ")", "@", "/", "text/plain", "; charset=x", "--", "--=_mixed_", "From ",
            "Bcc: eve@example.com",
            "\r\nBcc: eve@example.com\r\n", String(repeating: "x", count: 80), String(repeating: "é", count: 60),
        ]
        return (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }
}
