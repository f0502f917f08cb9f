import Crypto
import FoundationEssentials
import JobRuntime
import Messaging
import NIOCore
import Testing

@testable import Delivery

/// Whatever comes, nothing ends the process, takes long, or makes news that could not be.
@Suite(.timeLimit(.minutes(5))) struct CallbackFuzzTests {
    private static let rounds = 10_000
    private static let form = "application/x-www-form-urlencoded"

    private static let samples: [(vendor: Vendor, contentType: String, body: String)] = [
        (.twilio, form, TwilioCallbackTests.status + "&ErrorCode=21610"),
        (.twilio, form, TwilioCallbackTests.inbound),
        (.sendgrid, "application/json", SendGridEventsTests.vector),
        (.vonage, form, VonageCallbackTests.inbound + "&concat-part=1"),
        (.vonage, "application/json", VonageCallbackTests.receipt),
    ]

    @Test(arguments: 0..<5) func aMutatedCallbackIsReadOrRefused(sample: Int) throws {
        var random = SeededRandom(seed: UInt64(sample))
        let origin = Self.samples[sample]
        var read = 0
        for _ in 0..<Self.rounds {
            let body = random.mutated(origin.body)
            if check(origin.vendor, origin.contentType, body) { read += 1 }
        }
        // A generator whose every text is refused, or none, would test half of the code.
        #expect(read > Self.rounds / 100 && read < Self.rounds)
    }

    /// By turns: the test library's look at each error that is thrown takes most of the time.
    @Test func randomBytesAreRefused() throws {
        var random = SeededRandom(seed: 41)
        var read = 0
        for round in 0..<Self.rounds {
            let sample = Self.samples[round % Self.samples.count]
            let body = String(decoding: random.bytes(upTo: 200), as: UTF8.self)
            if check(sample.vendor, sample.contentType, body) { read += 1 }
        }
        #expect(read == 0)
    }

    /// - Returns: whether it was read.
    private func check(_ vendor: Vendor, _ contentType: String, _ body: String) -> Bool {
        let callback = ProviderCallback(vendor: vendor, contentType: contentType, body: body, receivedAt: 0)
        do throws(CallbackError) {
            let reading = try callback.news()
            let isSound = reading.news.count + reading.problems.count <= 30 && reading.news.allSatisfy(isSound)
            // One expectation a round would take most of the time.
            if !isSound { Issue.record("\(reading) of \(body)") }
            return true
        } catch {
            if error.what.isEmpty || error.what.utf8.count > 100 { Issue.record("\(error) of \(body)") }
            return false
        }
    }

    private func isSound(_ news: ProviderNews) -> Bool {
        switch news {
        case .status(let news):
            news.vendorID.isVendorID && !news.token.isEmpty && news.what?.contains("@") != true
                && news.suppress.map(isSound) != false
        case .inbound(let message): message.id.isVendorID && message.media.count <= 10 && !message.from.isEmpty
        case .consent(let news):
            switch news.change {
            case .suppress(let suppression): isSound(suppression)
            case .allow(let address, let kind):
                isSound(Suppression(address: address, kind: kind, reason: .manual))
            }
        }
    }

    private func isSound(_ suppression: Suppression) -> Bool {
        switch suppression.kind {
        case .phone: PhoneNumber.fault(in: suppression.address) == nil
        case .email: EmailAddress.fault(in: suppression.address) == nil
        case .webhook: false
        }
    }

    @Test func signaturesOfAnything() throws {
        var random = SeededRandom(seed: 42)
        let twilio = TwilioSignature(authToken: "12345")
        let key = P256.Signing.PrivateKey().publicKey.derRepresentation.base64EncodedString()
        let sendGrid = try SendGridSignature(publicKey: key)
        let methods = VonageSignature.Method.allCases
        var accepted = 0
        for round in 0..<Self.rounds {
            let url = random.mutated("https://user@x.test:443/a?bodySHA256=" + String(repeating: "0a", count: 32))
            let signature = Data(random.bytes(upTo: 72)).base64EncodedString()
            let body = ByteBuffer(bytes: random.bytes(upTo: 20))
            let form = FormFields([.init(name: random.text(upTo: 4), value: random.text(upTo: 8))])
            if twilio.verifies(signature, url: url, form: form) || twilio.verifies(signature, url: url, body: body) {
                accepted += 1
            }
            if sendGrid.verifies(signature, timestamp: random.text(upTo: 10), body: body, now: 0) { accepted += 1 }
            let signed = FormFields(form.all + [.init(name: "sig", value: random.mutated("0a1b2c"))])
            if VonageSignature(secret: "s", method: methods[round % methods.count]).verifies(signed) { accepted += 1 }
            if !twilio.verifies(twilio.sign(url: url, form: form), url: url, form: form) { Issue.record("\(url)") }
        }
        #expect(accepted == 0)
    }

    @Test func textsOfAnything() {
        var random = SeededRandom(seed: 43)
        for _ in 0..<Self.rounds {
            let text = String(decoding: random.bytes(upTo: 200), as: UTF8.self)
            let segments = Segments(text)
            let places = segments.encoding == .gsm7 ? 153 : 67
            // Twice the length in septets at most, and at most one place a segment stays empty.
            if segments.count < 1 || segments.count > 1 + 2 * text.utf16.count / (places - 1) {
                Issue.record("\(text)")
            }
            if OptOutKeyword(message: text) != nil { Issue.record("\(text)") }
        }
    }
}
