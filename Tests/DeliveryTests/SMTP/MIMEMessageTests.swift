import JobRuntime
import Messaging
import Testing

@testable import Delivery

@Suite struct MIMEMessageTests {
    private static let id = JobID(milliseconds: 1_772_323_199_042, random: 7)
    /// 2026-02-28T23:59:59.042Z
    private static let date: Int64 = 1_772_323_199_042

    private static let transcript = """
        From: shop@example.com
        To: ann@example.org
        Subject: Your order
        Date: Sat, 28 Feb 2026 23:59:59 +0000
        Message-ID: <\(id)@example.com>
        X-Posthaste-ID: \(id)
        MIME-Version: 1.0
        Content-Type: multipart/mixed;
         boundary="=_mixed_\(id)"

        --=_mixed_\(id)
        Content-Type: multipart/alternative;
         boundary="=_alternative_\(id)"

        --=_alternative_\(id)
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Thanks.
        --=_alternative_\(id)
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        <p>Thanks.</p>
        --=_alternative_\(id)--

        --=_mixed_\(id)
        Content-Type: application/pdf
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment;
         filename="a.pdf"

        QUJD
        --=_mixed_\(id)--

        """

    private func text(_ mail: Email) throws -> String {
        String(decoding: try MIMEMessage(mail, id: Self.id, date: Self.date).bytes, as: UTF8.self)
    }

    private func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        QuotedPrintable.append(text, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private func lines(_ base64: String) -> String? {
        var out: [UInt8] = []
        return Base64Lines.append(base64, to: &out) ? String(decoding: out, as: UTF8.self) : nil
    }

    @Test func aMailSaysAllThatItSays() throws {
        var full = mail
        full.attachments = [.init(filename: "a.pdf", type: "application/pdf", content: "QUJD")]
        #expect(
            try text(full)
                == Self.transcript.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
        #expect(try text(full) == text(full))
        #expect(try MIMEMessage(full, id: Self.id, date: 0).messageID == "<\(Self.id)@example.com>")
    }

    @Test func aMailOfOnePartHasNoBoundary() throws {
        var one = mail
        one.html = nil
        #expect(try text(one).hasSuffix("Content-Transfer-Encoding: quoted-printable\r\n\r\nThanks.\r\n"))
        one.body = ""
        #expect(
            try text(one).hasSuffix("text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"))
        one.html = "<p>\n"
        #expect(
            try text(one).hasSuffix(
                "text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>\r\n"))
        one.attachments = []
        #expect(try !text(one).contains("multipart"))
    }

    @Test(arguments: [
        "", "ann", "ann@example.com\r\nBcc: eve@example.com", "ann@example.com, eve@example.com",
        "Ann <ann@example.com>",
        "ann@exämple.com", "<ann@example.com>", "ann@example.com> SIZE=0", "ann @example.com", "ann@example.com\0",
    ])
    func whatIsNoAddressIsNotMailed(address: String) {
        for bad in [mail.from(address), mail.to(address)] {
            let fault = #expect(throws: Fault.self) { try MIMEMessage(bad, id: Self.id, date: 0) }
            #expect(fault.map { !$0.description.contains("example") } == true)
        }
    }

    @Test(arguments: [
        ("", ""), ("Your order", "Your order"), ("1 < 2 = \"3\"", "1 < 2 = \"3\""),
        ("Grüße", "=?UTF-8?B?R3LDvMOfZQ==?="), ("a\r\nBcc: eve@example.com", "a  Bcc: eve@example.com"),
        ("=?utf-8?q?x?=", "=?UTF-8?B?PT91dGYtOD9xP3g/PQ==?="), (" x", "=?UTF-8?B?IHg=?="), ("x ", "=?UTF-8?B?eCA=?="),
    ])
    func aSubjectIsPlainWhereThatShowsItExactly(subject: String, header: String) {
        let found = HeaderText.unstructured(subject, after: 9)
        // Two spaces in a row are encoded, too.
        #expect(found == (header.contains("  ") ? HeaderText.unstructured(header, after: 9) : header))
        #expect(!found.contains("\r\nB"))
    }

    @Test func longSubjectsAreFolded() {
        let plain = HeaderText.unstructured(String(repeating: "twelve chars ", count: 20) + "end", after: 9)
        let encoded = HeaderText.unstructured(String(repeating: "日本語👩‍👩‍👧", count: 30), after: 9)
        let unbroken = HeaderText.unstructured(String(repeating: "x", count: 500), after: 9)
        for text in [plain, encoded, unbroken] {
            let lines = ("Subject: " + text).split(separator: "\r\n")
            #expect(lines.count > 3)
            #expect(lines.allSatisfy { $0.utf8.count <= 76 })
            #expect(lines.dropFirst().allSatisfy { $0.hasPrefix(" ") && !$0.hasPrefix("  ") })
        }
        #expect(!plain.contains("=?"))
    }

    @Test(arguments: [
        ("a.pdf", ";\r\n filename=\"a.pdf\""), ("", ""), ("a b.pdf", ";\r\n filename=\"a b.pdf\""),
        ("a\"b", ";\r\n filename*=UTF-8''a%22b"), ("a\\", ";\r\n filename*=UTF-8''a%5C"),
        ("ü.pdf", ";\r\n filename*=UTF-8''%C3%BC.pdf"), ("a\r\nX: y", ";\r\n filename=\"a  X: y\""),
        ("\n", ""), (" a ", ";\r\n filename=\"a\""), ("a;x=y", ";\r\n filename=\"a;x=y\""),
    ])
    func aFileNameIsQuotedOrEncoded(name: String, parameter: String) {
        #expect(HeaderText.parameter("filename", name) == parameter)
    }

    @Test func aLongFileNameComesInPieces() {
        let lines = HeaderText.parameter("filename", String(repeating: "ü", count: 40)).split(separator: "\r\n")
        #expect(lines[1].hasPrefix(" filename*0*=UTF-8''%C3%BC"))
        #expect(lines[2].hasPrefix(" filename*1*=%C3%BC"))
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
    }

    @Test(arguments: [
        ("application/pdf", "application/pdf"), ("Text/Plain; Charset=UTF-8", "text/plain; charset=utf-8"),
        ("text/plain; name=x; charset=\"a\"", "text/plain"), ("image/svg+xml", "image/svg+xml"),
        ("", "application/octet-stream"), ("pdf", "application/octet-stream"), ("a/b/c", "application/octet-stream"),
        ("multipart/mixed; boundary=x", "application/octet-stream"), ("message/rfc822", "application/octet-stream"),
        ("text/plain\r\nX: y", "application/octet-stream"), ("te xt/plain", "application/octet-stream"),
    ])
    func aTypeIsOneOrUnknown(type: String, sent: String) {
        #expect(MediaType.sendable(type) == sent)
    }

    @Test(arguments: [
        ("", ""), ("a=b", "a=3Db"), ("a\nb", "a\r\nb"), ("a\r\nb\n", "a\r\nb\r\n"), ("a\rb", "a=0Db"),
        ("a\r\r\n", "a=0D\r\n"), ("a \nb\t", "a=20\r\nb=09"), ("a \r\n", "a=20\r\n"), ("a b", "a b"),
        (".", "=2E"), ("..\n.x", "=2E.\r\n=2Ex"), ("x.", "x."), ("From me\nFrom", "=46rom me\r\nFrom"),
        ("é\0", "=C3=A9=00"), ("--=_mixed_", "--=3D_mixed_"),
    ])
    func textIsQuotedWhereItMustBe(text: String, encoded: String) {
        #expect(quoted(text) == encoded)
    }

    @Test func longLinesAreBroken() {
        for text in [
            String(repeating: "x", count: 1000), String(repeating: "😀", count: 100), String(repeating: ".", count: 400),
            String(repeating: " ", count: 400),
        ] {
            let lines = quoted(text).split(separator: "\r\n")
            #expect(lines.allSatisfy { $0.utf8.count <= 76 && !$0.hasPrefix(".") })
            #expect(lines.dropLast().allSatisfy { $0.hasSuffix("=") && $0.utf8.count > 70 })
        }
    }

    @Test func base64IsCheckedAndWrapped() {
        #expect(lines("") == "")
        #expect(lines("QU\r\nJD QQ==\n") == "QUJDQQ==")
        #expect(lines(String(repeating: "A", count: 80)) == String(repeating: "A", count: 76) + "\r\nAAAA")
        #expect(lines(String(repeating: "A", count: 76)) == String(repeating: "A", count: 76))
        for bad in ["A", "QUJ", "QUJD=", "Q===", "====", "QQ==QQ==", "QU-_", "QUJD\0", "Ä"] {
            #expect(lines(bad) == nil)
        }
        var broken = mail
        broken.attachments = [
            .init(filename: "a", type: "a/b", content: "QUJD"), .init(filename: "s3cret", type: "a/b", content: "no!"),
        ]
        let fault = #expect(throws: Fault.self) { try MIMEMessage(broken, id: Self.id, date: 0) }
        #expect(fault?.what == "attachment 2 is not base64")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        (1_709_164_800_000, "Thu, 29 Feb 2024 00:00:00 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (Int64.max, "Fri, 31 Dec 9999 23:59:59 +0000"), (Int64.min, "Sat, 01 Jan 0000 00:00:00 +0000"),
    ])
    func aDateIsOfItsDay(milliseconds: Int64, text: String) {
        #expect(MailDate.string(unixMilliseconds: milliseconds) == text)
    }
}
