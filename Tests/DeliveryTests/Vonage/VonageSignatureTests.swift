import Delivery
import Testing

@Suite struct VonageSignatureTests {
    private let fields = "a=1&b=2&timestamp=1461605396"

    /// The vectors of Vonage's own library for Python, secret `secret`; recomputed.
    static let vectors: [(VonageSignature.Method, String)] = [
        (.md5hash, "6af838ef94998832dbfc29020b564830"),
        (.md5, "c15c21ced558c93a226c305f58f902f2"),
        (.sha1, "3e19a4e6880fdc2c1426bfd0587c98b9532f0210"),
        (.sha256, "a321e824b9b816be7c3f28859a31749a098713d39f613c80d455bbaffae1cd24"),
        (
            .sha512,
            """
            812a18f76680fa0fe1b8bd9ee1625466ceb1bd96242e4d050d2cfd9a7b40166c63ed26ec9702168781b6edcf1633db8ff95af9341701004\
            eec3fcf9550572ee8
            """
        ),
    ]

    private func verifies(
        _ text: String, method: VonageSignature.Method, secret: Secret = "secret", now: Int64? = nil
    ) throws -> Bool {
        try VonageSignature(secret: secret, method: method).verifies(FormFields(text), now: now)
    }

    @Test(arguments: vectors) func theVectors(method: VonageSignature.Method, signature: String) throws {
        for sig in [signature, signature.uppercased()] {
            #expect(try verifies("\(fields)&sig=\(sig)", method: method))
        }
        #expect(try verifies("sig=\(signature)&b=2&timestamp=1461605396&a=1", method: method))
        #expect(try !verifies("\(fields)&sig=\(signature)", method: method, secret: "secreT"))
        #expect(try !verifies("\(fields)&c=&sig=\(signature)", method: method))
        #expect(try !verifies("\(fields)&a=1&sig=\(signature)", method: method))
        #expect(try !verifies("\(fields)&sig=\(signature.dropLast(2))", method: method))
        for other in VonageSignature.Method.allCases where other != method {
            #expect(try !verifies("\(fields)&sig=\(signature)", method: other))
        }
    }

    /// By `printf '&a=x_y_z&timestamp=1' | openssl dgst -sha256 -hmac secret`.
    @Test func ampersandsAndEqualsSignsAreReplaced() throws {
        let signature = "1883665ff4d1d311ea5f405c8ae1da73a9dd6d639025e29333ee2457782387e5"
        #expect(try verifies("a=x%26y%3Dz&timestamp=1&sig=\(signature)", method: .sha256))
    }

    @Test func theTimestampMayBeHeldAgainstAClock() throws {
        let text = "\(fields)&sig=\(Self.vectors[3].1)"
        #expect(try verifies(text, method: .sha256, now: 1_461_605_396 + 300))
        #expect(try !verifies(text, method: .sha256, now: 1_461_605_396 + 301))
        #expect(try !verifies(text.replacing("&timestamp=1461605396", with: ""), method: .sha256, now: 0))
    }

    @Test(arguments: ["", "&sig=", "&sig=xyz", "&sig=6a"]) func whatIsNoSignatureVerifiesNothing(sig: String) throws {
        #expect(try !verifies(fields + sig, method: .md5hash))
    }
}
