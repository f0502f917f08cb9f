import Crypto
import Foundation
import NIOCore
import Testing

@testable import Delivery

/// Signatures of ours before the vendors' own Python libraries, and theirs before us, over random requests of which
/// half were tampered with. `export POSTHASTE_JUDGES_PYTHON="$(scripts/judges/setup)"` lets the libraries in.
@Suite(.timeLimit(.minutes(5))) struct SignatureJudgeTests {
    private static let python = ProcessInfo.processInfo.environment["POSTHASTE_JUDGES_PYTHON"]

    private struct Cases: Encodable {
        struct Twilio: Encodable {
            var token: String
            var url: String
            var body: String
            var signature: String
        }
        struct SendGrid: Encodable {
            var key: String
            var timestamp: String
            var body: String
            var signature: String
        }
        var twilio: [Twilio] = []
        var sendgrid: [SendGrid] = []
    }

    private struct Judgement: Decodable {
        struct Signed: Decodable {
            var key: String
            var timestamp: String
            var body: String
            var signature: String
        }
        /// Whether each signature holds.
        var twilio: [Bool]
        var sendgrid: [Bool]
        /// What each signature of a form should have been.
        var expected: [String]
        /// Posts that the library signed.
        var signed: [Signed]
    }

    @Test(
        .enabled(
            if: python != nil, "POSTHASTE_JUDGES_PYTHON is unset; scripts/judges/setup prints what to set it to"))
    func theVendorsLibrariesAgree() async throws {
        let cases = try makeCases()
        let judgement = try await judge(cases)

        let ours = try cases.twilio.map { one in
            TwilioSignature(authToken: Secret(one.token)).verifies(
                one.signature, url: one.url, form: try FormFields(one.body))
        }
        #expect(ours == judgement.twilio)
        #expect(ours.contains(true) && ours.contains(false))
        for (one, expected) in zip(cases.twilio, judgement.expected) {
            let signature = TwilioSignature(authToken: Secret(one.token)).sign(
                url: one.url, form: try FormFields(one.body))
            #expect(signature == expected)
        }

        let verified = try cases.sendgrid.map { one in
            try SendGridSignature(publicKey: one.key).verifies(
                one.signature, timestamp: one.timestamp, body: ByteBuffer(string: one.body))
        }
        #expect(verified == judgement.sendgrid)
        #expect(verified.contains(true) && verified.contains(false))
        #expect(judgement.signed.count == 20)
        for one in judgement.signed {
            let signer = try SendGridSignature(publicKey: one.key)
            #expect(signer.verifies(one.signature, timestamp: one.timestamp, body: ByteBuffer(string: one.body)))
            #expect(!signer.verifies(one.signature, timestamp: one.timestamp, body: ByteBuffer(string: one.body + " ")))
        }
    }

    private func makeCases() throws -> Cases {
        var random = SeededRandom(seed: 2026)
        var cases = Cases()
        let ports = ["", ":443", ":80", ":8443"]
        for round in 0..<400 {
            let scheme = random.below(4) == 0 ? "http" : "https"
            let url = "\(scheme)://x.test\(ports[random.below(4)])/hook/\(round)?a=\(random.below(99))&b"
            let body = form(&random)
            let token = "token-\(random.below(3))"
            let signed = round % 2 == 0 ? url : random.below(2) == 0 ? url + "&c=1" : url.replacing(":443", with: "")
            let signature = TwilioSignature(authToken: Secret(token)).sign(url: signed, form: try FormFields(body))
            cases.twilio.append(.init(token: token, url: url, body: body, signature: signature))
        }
        let key = P256.Signing.PrivateKey()
        let der = key.publicKey.derRepresentation.base64EncodedString()
        for round in 0..<60 {
            let (timestamp, body) = (
                "\(1_600_000_000 + random.below(1_000_000))", "[" + random.text(upTo: 80) + "]\r\n"
            )
            let signed = timestamp + (round % 2 == 0 ? body : body + "\n")
            let signature = try key.signature(for: Array(signed.utf8)).derRepresentation.base64EncodedString()
            cases.sendgrid.append(.init(key: der, timestamp: timestamp, body: body, signature: signature))
        }
        return cases
    }

    /// Fields with few names, so that they repeat.
    private func form(_ random: inout SeededRandom) -> String {
        var form = ByteBuffer()
        for _ in 0..<random.below(12) {
            if form.readableBytes > 0 { form.writeString("&") }
            form.writeFormEncoded(random.text(upTo: 2))
            form.writeString("=")
            form.writeFormEncoded(random.text(upTo: 6))
        }
        return String(buffer: form)
    }

    private func judge(_ cases: Cases) async throws -> Judgement {
        let folder = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (questions, answers) = (folder.appending(path: "cases.json"), folder.appending(path: "answers.json"))
        try JSONEncoder().encode(cases).write(to: questions)
        try Data().write(to: answers)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.python))
        process.arguments = [root.appending(path: "scripts/judges/signatures_judge.py").path(), questions.path()]
        process.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        process.standardOutput = try FileHandle(forWritingTo: answers)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        #expect(status == 0)
        return try JSONDecoder().decode(Judgement.self, from: try Data(contentsOf: answers))
    }
}
