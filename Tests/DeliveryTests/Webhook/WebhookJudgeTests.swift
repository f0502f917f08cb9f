import Foundation
import JobRuntime
import Messaging
import NIOHTTP1
import TestSupport
import Testing

@testable import Delivery

/// The receivers' libraries, standardwebhooks and svix, verify what is sent while one secret replaces another.
/// `export POSTHASTE_JUDGES_PYTHON="$(scripts/judges/setup)"` lets them in.
@Suite(.timeLimit(.minutes(5))) struct WebhookJudgeTests {
    static let python = ProcessInfo.processInfo.environment["POSTHASTE_JUDGES_PYTHON"]

    private struct Evidence: Encodable {
        struct Post: Encodable {
            var headers: [String: String]
            var body: String
        }
        var secrets: [String]
        var posts: [Post]
    }

    @Test(
        .enabled(
            if: python != nil, "POSTHASTE_JUDGES_PYTHON is unset; scripts/judges/setup prints what to set it to"))
    func receiversVerifyWhatIsSent() async throws {
        let python = try #require(Self.python)
        let secrets = [webhookSecret, "whsec_" + Data((0..<64).map { UInt8($0) }).base64EncodedString()]
        let bodies = ["{}", #"{"text":"Grüße, 東京","number":1}"#, "", String(repeating: "é", count: 100_000)]
        let posts = try await TestServer.with({ _ in .answer(.noContent) }) { server in
            try await withHTTP { http in
                let settings = try WebhookSettings(secrets: secrets.map { Secret($0) }, allowed: [loopback])
                let provider = WebhookProvider(http: http, settings: settings)
                for body in bodies {
                    let webhook = Webhook(from: "shop", to: server.base, body: body)
                    _ = await provider.send(webhook, attempt: attempt(kind: Webhook.kind))
                }
                return server.received
            }
        }
        try #require(posts.count == bodies.count)
        let evidence = Evidence(
            secrets: secrets,
            posts: posts.map { post in
                .init(headers: Dictionary(post.headers.map { ($0.name, $0.value) }) { $1 }, body: post.text)
            })
        let folder = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "evidence.json")
        try JSONEncoder().encode(evidence).write(to: file)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let judge = try ChildProcess(
            python, [root.appending(path: "scripts/judges/webhook_judge.py").path(), file.path()],
            environment: ["PYTHONDONTWRITEBYTECODE": "1"], directory: folder)
        let status = await judge.wait()
        #expect(status == 0, "\(judge.output)")
        #expect(judge.output.hasSuffix("judged: webhook signatures\n"), "\(judge.output)")
    }
}
