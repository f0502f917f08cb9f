import InMemoryTracing
import Logging
import Metrics
import MetricsTestKit
import NIOCore
import TestSupport
import Testing
import Tracing

@testable import JobRuntime

@Suite struct MiddlewareTests {
    private struct Broken: Error {}

    /// Writes its name before and after, and its number onto the attempt.
    private struct Marker: JobMiddleware {
        let name: String
        let log: Locked<[String]>

        func run(
            _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
        ) async throws -> Outcome {
            log.update { $0.append("\(name) before") }
            let outcome = try await next(attempt)
            log.update { $0.append("\(name) after \(outcome.name)") }
            return outcome
        }
    }

    private func attempt(meta: JobMeta = JobMeta(), logger: Logger = .quiet) -> Attempt {
        Attempt(
            job: JobID(), kind: "note", queue: "work", number: 2, deliveries: 1, enqueuedAt: 0, meta: meta,
            consumer: "host-1-a", logger: logger)
    }

    @Test func theFirstIsTheOutermost() async throws {
        let log = Locked<[String]>([])
        let middleware: [any JobMiddleware] = [Marker(name: "a", log: log), Marker(name: "b", log: log)]
        let outcome = try await middleware[...].run(attempt()) { _ in
            log.update { $0.append("handler") }
            return .snooze(for: .seconds(1), reason: "")
        }
        #expect(outcome == .snooze(for: .seconds(1), reason: ""))
        #expect(log.value == ["a before", "b before", "handler", "b after snooze", "a after snooze"])
    }

    @Test func oneThatDoesNotCallTheNextEndsTheAttempt() async throws {
        struct Closed: JobMiddleware {
            func run(
                _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
            ) async throws -> Outcome { .snooze(for: .seconds(9), reason: "closed") }
        }
        let outcome = try await [Closed() as any JobMiddleware][...].run(attempt()) { _ in
            Issue.record("the handler was run")
            return .succeeded()
        }
        #expect(outcome == .snooze(for: .seconds(9), reason: "closed"))
    }

    @Test func metricsTellHowLongAndHowItEnded() async throws {
        let metrics = TestMetrics()
        let middleware = AttemptMetrics(factory: metrics)
        _ = try await middleware.run(attempt()) { _ in
            let running = try metrics.expectMeter("job_attempts_running", [("queue", "work")])
            #expect(running.values.last == 1)
            return .dead(reason: .permanent, error: "")
        }
        await #expect(throws: Broken.self) { try await middleware.run(attempt()) { _ in throw Broken() } }
        await #expect(throws: CancellationError.self) {
            try await middleware.run(attempt()) { _ in throw CancellationError() }
        }
        for outcome in ["dead", "retry", "cancelled"] {
            let timer = try metrics.expectTimer(
                "job_attempt_duration_seconds", [("queue", "work"), ("kind", "note"), ("outcome", outcome)])
            #expect(timer.values.count == 1)
        }
        #expect(try metrics.expectMeter("job_attempts_running", [("queue", "work")]).values.last == 0)
    }

    @Test func logsTellTheBeginningAndTheEnd() async throws {
        let lines = Locked<[String]>([])
        let logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
        _ = try await AttemptLogging(level: .info).run(attempt(logger: logger)) { _ in .succeeded() }
        await #expect(throws: Broken.self) {
            try await AttemptLogging(level: .info).run(attempt(logger: logger)) { _ in throw Broken() }
        }
        #expect(
            lines.value.map { $0.prefix { $0 != ":" } } == [
                "Attempt begins", "Attempt ended", "Attempt begins", "Attempt ended",
            ])
        #expect(lines.value[1].contains("outcome=succeeded"))
        #expect(lines.value[3].contains("outcome=threw Broken()"))
        #expect(lines.value.allSatisfy { $0.contains("kind=note") && $0.contains("attempt=2") })
    }
}

/// The trace goes from the enqueue into the attempt.
@Suite struct TracingTests {
    @Test func theAttemptsSpanFollowsFromTheOneOfTheEnqueue() async throws {
        let tracer = W3CTracer.shared
        let job = withSpan("request", ofKind: .server) { _ in
            NewJob(queue: JobQueue("work"), kind: "note", payload: ByteBuffer(string: "{}")).traced()
        }
        let fields = try #require(job.meta.trace["traceparent"]).split(separator: "-").map(String.init)
        #expect(job.meta.trace.keys.sorted() == ["traceparent"], "and no other header")
        // Through Redis and back.
        let meta = try #require(JobMeta(json: ByteBuffer(string: job.meta.json)))
        let attempt = Attempt(
            job: job.id, kind: "note", queue: "work", number: 3, deliveries: 2, enqueuedAt: 0, meta: meta,
            consumer: "host-1-a", logger: .quiet)
        _ = try await AttemptTracing().run(attempt) { _ in
            #expect(ServiceContext.current?.inMemorySpanContext?.traceID == fields[1])
            return .retry(error: "busy")
        }
        let span = try #require(tracer.finished(trace: fields[1]).first { $0.operationName == "process note" })
        #expect(span.parentSpanID == fields[2])
        #expect(span.kind == .consumer)
        #expect(span.status?.code == .error)
        #expect(span.attributes.get("messaging.message.id") == "\(job.id)".toSpanAttribute())
        #expect(span.attributes.get("posthaste.outcome") == "retry".toSpanAttribute())
    }

    @Test func aJobThatIsPartOfATraceStaysInIt() async throws {
        _ = W3CTracer.shared
        var job = NewJob(queue: JobQueue("work"), kind: "note", payload: ByteBuffer(string: "{}"))
        job.meta.trace = ["traceparent": "00-1-2-01"]
        let traced = withSpan("request") { _ in job.traced() }
        #expect(traced.meta.trace == ["traceparent": "00-1-2-01"])
    }
}

/// Keeps what is logged, one line each: message, then metadata.
private struct LineHandler: LogHandler {
    let lines: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(lines: Locked<[String]>) { self.lines = lines }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        lines.update { $0.append("\(event.message): " + all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")) }
    }
}
