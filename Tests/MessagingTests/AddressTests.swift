import Messaging
import Testing

@Suite struct PhoneNumberTests {
    @Test(arguments: ["+15551234567", "+15005550006", "+491", "+123456789012345"])
    func good(number: String) {
        #expect(PhoneNumber.fault(in: number) == nil)
    }

    @Test(arguments: [
        "", "+", "+1", "15551234567", "+0123456", "+1234567890123456", "+1555 1234567", "+1-555-123", "+1555123456a",
        "+1555123456\n", " +15551234567", "+١٢٣٤٥", "+1２３", "sip:+15551234567", "++15551234567",
    ])
    func bad(number: String) throws {
        let fault = try #require(PhoneNumber.fault(in: number))
        #expect(fault.contains("E.164"))
    }
}

@Suite struct EmailAddressTests {
    @Test(arguments: [
        "ann@example.com", "a@b.co", "first.last+tag@sub.example.org", "o'hara@example.com", "x_y-z@ex-ample.com",
        "!#$%&'*+-/=?^_`{|}~@example.com", "1@2.example3", "a@xn--bcher-kva.example",
        String(repeating: "a", count: 64) + "@example.com",
    ])
    func good(address: String) {
        #expect(EmailAddress.fault(in: address) == nil)
    }

    @Test(arguments: [
        "", "@", "ann", "ann@", "@example.com", "ann@example", "ann@@example.com", "ann@b@example.com",
        ".ann@example.com", "ann.@example.com", "a..b@example.com", "ann @example.com", "ann@-example.com",
        "ann@example-.com", "ann@exa_mple.com", "ann@.com", "ann@example.com.", "ann@example..com", "ann@1.2.3.4",
        "ann@[1.2.3.4]", "Ann <ann@example.com>", "<ann@example.com>", "ann@example.com, bob@example.com",
        "ann@example.com;bob@example.com", "\"ann b\"@example.com", "ann(c)@example.com",
        String(repeating: "a", count: 65) + "@example.com", "a@" + String(repeating: "b", count: 64) + ".com",
    ])
    func bad(address: String) throws {
        let fault = try #require(EmailAddress.fault(in: address))
        #expect(fault.contains("bare email address"))
    }

    @Test(arguments: [
        "ann@example.com\r\nBcc: eve@example.com", "ann@example.com\nX: y", "a\u{0}b@example.com", "ann@exam\tple.com",
        "ann@example.com\u{7F}",
    ])
    func headerInjectionIsCalledByItsName(address: String) throws {
        let fault = try #require(EmailAddress.fault(in: address))
        #expect(fault.contains("control characters"))
    }

    @Test(arguments: ["änn@example.com", "ann@bücher.example", "ann@example.com\u{2028}Bcc: eve@example.com"])
    func nothingButASCII(address: String) throws {
        let fault = try #require(EmailAddress.fault(in: address))
        #expect(fault.contains("ASCII"))
    }

    @Test func lengthHasALimit() throws {
        let domain = Array(repeating: String(repeating: "b", count: 60), count: 4).joined(separator: ".")
        #expect(EmailAddress.fault(in: "a123456789@\(domain)") == nil)
        #expect(EmailAddress.fault(in: "a1234567890@\(domain)") == "must have at most 254 characters")
    }
}

@Suite struct WebAddressTests {
    @Test(arguments: [
        "http://example.com", "https://example.com/", "HTTPS://EXAMPLE.com/a/b?c=d&e=%20#f", "http://localhost:8080/x",
        "http://127.0.0.1:1", "http://[::1]:65535/", "http://[2001:db8::1]", "http://web_1:80/hook",
        "https://example.com./", "https://example.com?q=1", "https://example.com/a@b", "http://xn--bcher-kva.example/",
    ])
    func good(url: String) {
        #expect(WebAddress.fault(in: url) == nil)
    }

    @Test(arguments: [
        ("", "absolute"), ("example.com", "absolute"), ("//example.com", "absolute"), ("/path", "absolute"),
        ("ftp://example.com", "absolute"), ("file:///etc/passwd", "absolute"), ("javascript:alert(1)", "absolute"),
        ("http:/example.com", "absolute"), ("http:example.com", "absolute"), ("\u{1}ttp://example.com", "absolute"),
        ("http://", "host"), ("http:///x", "host"), ("http://:80/", "host"), ("http://?q", "host"),
        ("http://a..b/", "host"), ("http://-a.b/", "host"), ("http://[/", "host"), ("http://[zz]/", "IPv6"),
        ("http://[127.0.0.1]/", "IPv6"), ("http://[::1]x/", "port"), ("http://a%20b/", "host"),
        ("http://a:0/", "port"), ("http://a:65536/", "port"), ("http://a:/", "port"), ("http://a:8x/", "port"),
        ("http://a:+80/", "port"), ("http://u:p@example.com/", "user name"),
        ("http://example.com@evil.example/", "user name"), ("http://example.com/a b", "characters"),
        ("http://example.com/\r\nHost: x", "characters"), ("http://example.com/ü", "characters"),
        ("http://example.com/%zz", "characters"), ("http://example.com/%2", "characters"),
        ("http://example.com\\@evil.example/", "characters"), ("http://ex\"ample.com/", "characters"),
    ])
    func bad(url: String, word: String) throws {
        let fault = try #require(WebAddress.fault(in: url))
        #expect(fault.contains(word))
    }

    @Test func lengthHasALimit() {
        let base = "http://example.com/"
        let fill = String(repeating: "a", count: WebAddress.maximumLength - base.utf8.count)
        #expect(WebAddress.fault(in: base + fill) == nil)
        #expect(WebAddress.fault(in: base + fill + "a") == "must have at most 2048 characters")
    }
}
