import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import TestSupport
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(2))) struct StatusServerTests {
    private static let good = StatusAnswers(
        health: { StatusReport([.init("mail")]) },
        ready: { StatusReport([.init("redis", fault: "it is \"away\""), .init("mail")]) },
        metrics: { "# TYPE sent counter\nsent 1\n" })

    /// Runs a server on free ports while `body` asks it.
    private func serving(_ ports: ClosedRange<Int>, _ body: () async throws -> Void) async throws {
        let server = StatusServer(host: "127.0.0.1", ports: ports, answers: Self.good, logger: .quiet)
        let group = ServiceGroup(services: [server], logger: .quiet)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func ask(_ port: Int, _ path: String, _ method: HTTPMethod = .GET) async throws -> (UInt, String) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    private func listens(_ port: Int) async throws {
        try await eventually("it listens") { (try? await ask(port, "/health"))?.0 == 200 }
    }

    @Test func itAnswersThreeQuestionsAndNoOther() async throws {
        let port = try freePort()
        try await serving(port...port) {
            try await listens(port)
            let health = try await ask(port, "/health?what=ever").1
            #expect(health.hasPrefix(#"{"status":"healthy","timestamp":"2"#), "\(health)")
            #expect(health.hasSuffix(#""checks":{"mail":{"status":"ok"}}}"#), "\(health)")
            let (code, ready) = try await ask(port, "/ready")
            #expect(code == 503 && ready.hasPrefix(#"{"status":"unavailable""#))
            #expect(ready.contains(#""redis":{"status":"failed","error":"it is \"away\""}"#))
            #expect(try await ask(port, "/metrics") == (200, "# TYPE sent counter\nsent 1\n"))
            #expect(try await ask(port, "/health", .HEAD) == (200, ""))
            #expect(try await ask(port, "/").0 == 404)
            #expect(try await ask(port, "/health", .POST).0 == 405)
        }
    }

    @Test func itTakesTheFirstPortThatIsFree() async throws {
        let first = try freePort()
        let taken = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: first).get()
        // Whatever else runs here may have the next one.
        let ports = first...min(first + 20, 65535)
        try await serving(ports) {
            try await eventually("it listens on another") {
                for port in ports.dropFirst() where (try? await ask(port, "/metrics"))?.1.hasSuffix("sent 1\n") == true
                {
                    return true
                }
                return false
            }
        }
        try await taken.close()
    }

    @Test func whoSaysNothingHoldsUpNobody() async throws {
        let port = try freePort()
        try await serving(port...port) {
            try await listens(port)
            var silent: [any Channel] = []
            for _ in 0..<300 {
                let connection = try? await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connect(host: "127.0.0.1", port: port).get()
                if let connection { silent.append(connection) }
                try? await connection?.writeAndFlush(ByteBuffer(string: "GET /health HTT"))
            }
            try await listens(port)
            for connection in silent { try? await connection.close() }
        }
    }
}
