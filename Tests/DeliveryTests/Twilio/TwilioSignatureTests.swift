import Delivery
import NIOCore
import Testing

/// The vectors are those of Twilio's own libraries, as in reference/providers.md.
@Suite struct TwilioSignatureTests {
    private static let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    private static let call = [
        ("To", "+18005551212"), ("CallSid", "CA1234567890ABCDE"), ("Caller", "+14158675309"), ("Digits", "1234"),
        ("From", "+14158675309"),
    ]
    private static let json = ByteBuffer(string: #"{"property": "value", "boolean": true}"#)
    private static let jsonURL =
        url + "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    private static let jsonSignature = "a9nBmqA0ju/hNViExpshrM61xv4="

    private let signer = TwilioSignature(authToken: "12345")

    private func form(_ fields: [(String, String)]) -> FormFields {
        FormFields(fields.map { FormFields.Field(name: $0.0, value: $0.1) })
    }

    @Test(arguments: [
        (url, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ])
    func theVectorsOfOneForm(url: String, signature: String) {
        let form = form(Self.call)
        #expect(signer.sign(url: url, form: form) == signature)
        #expect(signer.verifies(signature, url: url, form: form))
        let other = form.all.map { $0.name == "Digits" ? FormFields.Field(name: "Digits", value: "1235") : $0 }
        #expect(!signer.verifies(signature, url: url, form: FormFields(other)))
        #expect(!signer.verifies(signature, url: url + "&", form: form))
        #expect(!TwilioSignature(authToken: "12346").verifies(signature, url: url, form: form))
    }

    @Test func fieldsThatTwilioAddsAreSigned() {
        let more = form(Self.call + [("Reason", "Participant"), ("ReasonConferenceEnded", "test")])
        #expect(signer.verifies("vOEb5UThFn24KEfnOFLQY2AE5FY=", url: Self.url, form: more))
    }

    @Test func aFieldThatRepeatsCountsOnceForEachValue() {
        let fields = [
            ("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234"),
        ]
        #expect(signer.sign(url: Self.url, form: form(fields)) == "IK+Dwps556ElfBT0I3Rgjkr1wJU=")
        #expect(signer.verifies("IK+Dwps556ElfBT0I3Rgjkr1wJU=", url: Self.url, form: form(fields.reversed())))
    }

    /// `a` + `bc` and `ab` + `c` are the same bytes: what Twilio's scheme leaves open stays open.
    @Test func anEmptyValueCounts() {
        #expect(
            signer.sign(url: Self.url, form: form([("a", "")])) == signer.sign(url: Self.url, form: form([("", "a")])))
        #expect(signer.sign(url: Self.url, form: form([("a", "")])) != signer.sign(url: Self.url))
    }

    @Test(arguments: [
        ("https://x.test/a", "https://x.test:443/a", true), ("http://x.test/a", "http://x.test:80/a", true),
        ("https://x.test", "https://x.test:443", true), ("https://x.test?a:1", "https://x.test:443?a:1", true),
        ("https://[::1]/a", "https://[::1]:443/a", true), ("https://x.test/a", "https://x.test:80/a", false),
        ("https://x.test:8443/a", "https://x.test/a", true), ("https://x.test:/a", "https://x.test:/a", true),
        ("https://x.test/a", "http://x.test/a", false), ("", "https://x.test", false), ("https://", "https://", true),
    ])
    func theDefaultPortMayBeNamedOrNot(configured: String, signed: String, holds: Bool) {
        let signature = signer.sign(url: signed)
        #expect(signer.verifies(signature, url: configured) == holds)
    }

    @Test func aBodyThatIsNoFormIsHashed() {
        #expect(signer.sign(url: Self.jsonURL) == Self.jsonSignature)
        #expect(signer.verifies(Self.jsonSignature, url: Self.jsonURL, body: Self.json))
        #expect(!signer.verifies(Self.jsonSignature, url: Self.jsonURL, body: ByteBuffer(string: "{}")))
        #expect(!signer.verifies(Self.jsonSignature, url: Self.url, body: Self.json))
        let short = Self.url + "&bodySHA256=0a1f"
        #expect(!signer.verifies(signer.sign(url: short), url: short, body: Self.json))
    }

    @Test(arguments: ["", "RSOYDt4T1cUTdK1PDd93", "not base64", "RSOYDt4T1cUTdK1PDd93/VVr8C8="])
    func whatIsNoSignatureVerifiesNothing(signature: String) {
        #expect(!signer.verifies(signature, url: Self.url, form: form(Self.call)))
    }
}
