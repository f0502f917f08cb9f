import NIOCore
import TestSupport
import Testing

@testable import JobRuntime

private struct Greeting: Job, Equatable {
    static let kind = "greeting"
    var name: String
}

private struct Greeter: JobHandler {
    func run(_ job: Greeting, attempt: Attempt) async throws -> Outcome {
        .succeeded(result: "hello \(job.name), attempt \(attempt.number)")
    }
}

@Suite struct JobHandlersTests {
    private let attempt = Attempt(
        job: JobID(), kind: "greeting", queue: "q", number: 2, deliveries: 1, enqueuedAt: 0, consumer: "c",
        logger: .quiet)

    private func run(_ handlers: JobHandlers, _ payload: String) async throws -> Outcome {
        let registration = try #require(handlers["greeting"])
        return try await registration.run(ByteBuffer(string: payload), attempt)
    }

    @Test func aHandlerIsGivenTheDecodedJobAndTheAttempt() async throws {
        var handlers = JobHandlers()
        handlers.register(Greeter())
        #expect(try await run(handlers, "{\"name\":\"Ada\"}") == .succeeded(result: "hello Ada, attempt 2"))
    }

    @Test(arguments: ["", "not JSON", "{}", "{\"name\":7}", "[]", "\u{0}"])
    func whatCannotBeDecodedIsADeadLetterAndNeverReachesTheHandler(payload: String) async throws {
        let ran = Locked(false)
        var handlers = JobHandlers()
        handlers.register(Greeting.self) { _, _ in
            ran.value = true
            return .succeeded()
        }
        guard case .dead(.undecodable, let error) = try await run(handlers, payload) else {
            Issue.record("not undecodable")
            return
        }
        #expect(error.contains("Greeting"))
        #expect(!ran.value)
    }

    @Test func aRawHandlerReadsThePayloadByteForByte() async throws {
        var handlers = JobHandlers()
        handlers.register(rawKind: "greeting") { payload, _ in .succeeded(result: String(buffer: payload)) }
        #expect(try await run(handlers, " {not JSON\r\n") == .succeeded(result: " {not JSON\r\n"))
    }

    @Test func theLastRegistrationOfAKindCountsWithItsPolicy() async throws {
        var handlers = JobHandlers()
        let policy = RetryPolicy(backoff: .schedule([]), maximumAttempts: 1)
        handlers.register(Greeter())
        handlers.register(rawKind: "greeting", policy: policy) { _, _ in .succeeded(result: "second") }
        handlers.register(rawKind: "another") { _, _ in .succeeded() }
        #expect(handlers.kinds == ["another", "greeting"])
        #expect(handlers["greeting"]?.policy == policy)
        #expect(try await run(handlers, "{}") == .succeeded(result: "second"))
        #expect(handlers["unheard of"] == nil)
    }

    @Test func whatAHandlerThrowsIsPassedOn() async throws {
        var handlers = JobHandlers()
        handlers.register(Greeting.self) { _, _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) { try await run(handlers, "{\"name\":\"Ada\"}") }
    }
}
