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
}

/// The trace goes from the enqueue into the attempt.
@Suite struct TracingTests {
    @Test func theAttemptsSpanFollowsFromTheOneOfTheEnqueue() async throws {
        let tracer = W3CTracer.shared
        let job = withSpan("request", ofKind: .server) { _ in
            let enqueue = EnqueueSpan([NewJob(queue: JobQueue("work"), kind: "note", payload: ByteBuffer(string: "{}"))]
            )
            enqueue.end([.success(Receipt(id: enqueue.jobs[0].id, enqueuedAt: 0))])
            return enqueue.jobs[0]
        }
        let fields = try #require(job.meta.trace["traceparent"]).split(separator: "-").map(String.init)
        #expect(job.meta.trace.keys.sorted() == ["traceparent"], "and no other header")
        // Through Redis and back.
        let meta = try #require(JobMeta(json: ByteBuffer(string: job.meta.json)))
        let attempt = Attempt(
            job: job.id, kind: "note", queue: "work", number: 3, deliveries: 2, enqueuedAt: 0, meta: meta,
            consumer: "host-1-a", logger: .quiet)
        _ = try await AttemptTracing().run(attempt) { attempt in
            attempt.note("provider", "pigeon")
            #expect(ServiceContext.current?.inMemorySpanContext?.traceID == fields[1])
            return .retry(error: "busy")
        }
        let enqueue = try #require(tracer.finished(trace: fields[1]).first { $0.operationName == "enqueue note" })
        #expect(enqueue.spanID == fields[2] && enqueue.kind == .producer)
        let span = try #require(tracer.finished(trace: fields[1]).first { $0.operationName == "process note" })
        #expect(span.parentSpanID == fields[2])
        #expect(span.kind == .consumer)
        #expect(span.status?.code == .error)
        #expect(span.attributes.get("messaging.message.id") == "\(job.id)".toSpanAttribute())
        #expect(span.attributes.get("posthaste.provider") == "pigeon".toSpanAttribute())
        #expect(span.attributes.get("posthaste.outcome") == "retry".toSpanAttribute())
    }

    @Test func aJobThatIsPartOfATraceStaysInIt() async throws {
        _ = W3CTracer.shared
        var job = NewJob(queue: JobQueue("work"), kind: "note", payload: ByteBuffer(string: "{}"))
        job.meta.trace = ["traceparent": "00-1-2-01"]
        let traced = withSpan("request") { _ in EnqueueSpan([job]).jobs }
        #expect(traced[0].meta.trace == ["traceparent": "00-1-2-01"])
    }

    @Test func aJobThatIsPartOfNoTraceHasNoSpanAndStaysInNone() {
        _ = W3CTracer.shared
        let job = NewJob(queue: JobQueue("work"), kind: "note", payload: ByteBuffer(string: "{}"))
        #expect(EnqueueSpan([job]).jobs[0].meta.trace.isEmpty)
    }
}
