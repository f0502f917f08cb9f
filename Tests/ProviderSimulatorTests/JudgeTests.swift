import Foundation
import HummingbirdTesting
import Testing

@testable import ProviderSimulator

/// The vendors' own Python clients against a live simulator.
/// `export POSTHASTE_JUDGES_PYTHON="$(scripts/judges/setup)"` lets them in.
@Suite(.timeLimit(.minutes(5))) struct JudgeTests {
    static let python = ProcessInfo.processInfo.environment["POSTHASTE_JUDGES_PYTHON"]

    @Test(
        .enabled(
            if: python != nil, "POSTHASTE_JUDGES_PYTHON is unset; scripts/judges/setup prints what to set it to"),
        arguments: ["twilio", "sendgrid", "standardwebhooks"])
    func judges(name: String) async throws {
        let python = try #require(Self.python)
        try await Simulator().application(port: 0).test(.live) { client in
            let port = try #require(client.port)
            let judgement = try await run(python, judge: name, url: "http://localhost:\(port)")
            #expect(judgement.status == 0, "\(judgement.output)")
            #expect(judgement.output.hasSuffix("judged: \(name)\n"), "\(judgement.output)")
        }
    }

    private func run(_ python: String, judge: String, url: String) async throws -> (status: Int32, output: String) {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        // A file, not a pipe: nothing has to read it while the judge runs.
        let transcript = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID()).txt")
        try Data().write(to: transcript)
        defer { try? FileManager.default.removeItem(at: transcript) }
        let output = try FileHandle(forWritingTo: transcript)
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "scripts/judges/\(judge)_judge.py").path()]
        process.environment = ["SIMULATOR_URL": url, "PYTHONDONTWRITEBYTECODE": "1"]
        process.standardOutput = output
        process.standardError = output
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        try output.close()
        return (status, String(decoding: try Data(contentsOf: transcript), as: UTF8.self))
    }
}
