import Foundation
import HTTPTypes
import Hummingbird
import JobRuntime
import JobTesting
import Logging
import NIOCore
import Testing

@testable import Ingress

/// Whether the document of the API tells of the routes and problems that there are. What it says of them is judged from
/// outside, by a live server.
@Suite struct OpenAPITests {
    private let lines: [Substring]

    init() async throws {
        let answer = try await Client().get("/openapi.yaml")
        lines = String(buffer: answer.body).split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test func everyRouteIsInTheDocumentAndNoOther() async throws {
        let runtime = TestRuntime(queues: [JobQueue("message_queue:sms")]) { _ in JobHandlers() }
        var parts = IngressParts(
            intake: FakeIntake(), suppressions: FakeSuppressions(), deadLetters: runtime.store.deadLetters)
        parts.metrics = { "" }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let routes = IngressApplication.router(parts, logger: logger).routes
            .filter { $0.method != .head }.map { "\($0.method.rawValue) \($0.path)" }
        #expect(routes.count > 25)
        #expect(Set(try operations()) == Set(routes))
        #expect(try operations().count == Set(routes).count)
    }

    @Test func everyKindOfProblemIsInTheDocumentAndNoOther() {
        let kinds = lines.compactMap { $0.wholeMatch(of: /\s+- ((?:about|urn):\S+)/).map { String($0.1) } }
        #expect(kinds == Problem.Kind.allCases.map(\.rawValue))
    }

    /// By the indentation that the document has.
    private func operations() throws -> [String] {
        let begin = try #require(lines.firstIndex(of: "paths:"))
        let end = try #require(lines[begin...].firstIndex(of: "components:"))
        var (path, operations) = ("", [String]())
        for line in lines[begin..<end] {
            if let match = line.wholeMatch(of: /\ {2}(\/\S*):/) {
                path = String(match.1)
            } else if let match = line.wholeMatch(of: /\ {4}(get|put|post|delete|options|head|patch|trace):/) {
                operations.append("\(match.1.uppercased()) \(path)")
            }
        }
        return operations
    }
}
