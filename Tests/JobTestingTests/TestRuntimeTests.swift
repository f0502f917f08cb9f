import JobRuntime
import JobTesting
import NIOCore
import TestSupport
import Testing

/// The examples of ``TestRuntime``.
@Suite(.timeLimit(.minutes(5))) struct TestRuntimeTests {
    private let mail = JobQueue("mail")

    private struct Broken: Error {}

    @Test func aJobFailsTwiceIsTriedAgainWhenItsWaitsAreOverAndSucceeds() async throws {
        let handlers = JobHandlers.notes { $0.number < 3 ? .retry(error: "busy") : .succeeded() }
        let runtime = TestRuntime(queues: [mail], handlers: handlers)
        let id = try await runtime.enqueue(NewJob(Note(number: 1), queue: mail)).id
        await runtime.runUntilIdle()
        #expect(runtime.record(of: id)?.error == "busy")
        #expect(await runtime.advanceToNextDue() == .seconds(2))
        await runtime.advance(by: .seconds(4))
        #expect(runtime.record(of: id)?.state == .succeeded(result: nil))
    }

    @Test func nothingRunsBeforeItsTime() async throws {
        let runs = Runs()
        let runtime = TestRuntime(queues: [mail], handlers: .notes(runs))
        try await runtime.enqueue(NewJob(Note(number: 1), queue: mail, start: .after(.seconds(3600))))
        #expect(await runtime.advance(by: .milliseconds(3_599_999)) == 0)
        #expect(runs.all.isEmpty)
        #expect(await runtime.advance(by: .milliseconds(1)) == 1)
        #expect(runs.numbers == [1])
        #expect(await runtime.advanceToNextDue() == nil)
    }

    @Test func everyAttemptOfASpanIsMadeAtItsTime() async throws {
        let clock = ManualClock(at: 0)
        let times = Locked<[Duration]>([])
        let policy = RetryPolicy(backoff: .schedule([.seconds(10), .seconds(60)]), maximumAttempts: 4)
        let handlers = JobHandlers.notes(policy: policy) { _ in
            times.update { $0.append(clock.now) }
            return .retry(error: "busy")
        }
        let runtime = TestRuntime(queues: [mail], handlers: handlers, jitter: 0, clock: clock)
        try await runtime.enqueue(NewJob(Note(number: 1), queue: mail))
        #expect(await runtime.advance(by: .seconds(86_400)) == 4)
        #expect(times.value == [.zero, .seconds(10), .seconds(70), .seconds(130)])
        #expect(runtime.deadLetters(of: mail).map(\.reason) == [.exhausted])
        #expect(clock.now == .seconds(86_400))
    }

    @Test func theUrgentLaneGoesFirstAndEachLaneInItsOrder() async throws {
        let runs = Runs()
        let runtime = TestRuntime(queues: [mail], handlers: .notes(runs))
        var ids: [JobID] = []
        for lane in [Lane.low, .normal, .normal, .high] {
            ids.append(try await runtime.enqueue(NewJob(Note(number: 1), queue: mail, lane: lane)).id)
        }
        #expect(await runtime.runUntilIdle() == 4)
        #expect(runs.all.map(\.job) == [ids[3], ids[1], ids[2], ids[0]])
    }

    @Test func aJobThatIsEnqueuedByAJobRunsToo() async throws {
        let store = Locked<JobStore?>(nil)
        let handlers = JobHandlers.notes { [mail] attempt in
            guard attempt.queue == "first", let store = store.value else { return .succeeded() }
            let next = try NewJob(Note(number: 2), queue: mail)
            _ = await JobClient(store: store).enqueue([next])
            return .succeeded()
        }
        let first = JobQueue("first", isTracked: false)
        let runtime = TestRuntime(queues: [mail, first], handlers: handlers)
        store.value = runtime.store
        try await runtime.enqueue(NewJob(Note(number: 1), queue: first))
        #expect(await runtime.runUntilIdle() == 2)
    }

    @Test func whatTheCodeUnderTestEnqueuesIsSeen() async throws {
        let runtime = TestRuntime(queues: [], handlers: JobHandlers())
        let client = JobClient(store: runtime.store)
        async let _ = client.run()
        let waiting = try await client.enqueue(NewJob(Note(number: 1), queue: mail))
        let later = try await client.enqueue(NewJob(Note(number: 2), queue: mail, start: .after(.seconds(60))))
        #expect(try runtime.jobs(Note.self, in: mail) == [Note(number: 1), Note(number: 2)])
        let due = runtime.clock.unixMilliseconds + 60_000
        #expect(runtime.jobs(in: mail).map(\.id) == [waiting.id, later.id])
        #expect(runtime.jobs(in: mail).map(\.state) == [.queued, .scheduled(due: due)])
        #expect(runtime.jobs(in: JobQueue("empty")).isEmpty)
    }

    @Test func untrackedJobsAreSeenAsWell() async throws {
        let bulk = JobQueue("bulk", isTracked: false)
        let runtime = TestRuntime(queues: [bulk], handlers: .notes { _ in .retry(error: "busy") })
        let id = try await runtime.enqueue(NewJob(Note(number: 1), queue: bulk)).id
        #expect(runtime.jobs(in: bulk).map(\.state) == [.queued])
        #expect(runtime.record(of: id) == nil)
        await runtime.runUntilIdle()
        #expect(runtime.jobs(in: bulk).map(\.attempt) == [2])
    }

    @Test func aJobRunsOnceBesideAllQueues() async throws {
        let runs = Runs()
        let handlers = JobHandlers.notes(runs) { attempt in
            if attempt.deliveries > 1 { throw Broken() }
            return .retry(error: "attempt \(attempt.number)", after: .seconds(5))
        }
        let runtime = TestRuntime(queues: [mail], handlers: handlers)
        let job = try NewJob(Note(number: 1), queue: mail, expiresAt: 99)
        #expect(try await runtime.perform(job, number: 3) == .retry(error: "attempt 3", after: .seconds(5)))
        #expect(runs.all.map(\.job) == [job.id])
        #expect(runs.all.map(\.queue) == ["mail"])
        #expect(runs.all.map(\.meta.expiresAt) == [99])
        await #expect(throws: Broken.self) { try await runtime.perform(job, deliveries: 2) }
        #expect(runtime.jobs(in: mail).isEmpty)
        #expect(await runtime.runUntilIdle() == 0)
    }

    @Test func aKindWithoutAHandlerIsNotPerformed() async throws {
        let runtime = TestRuntime(queues: [mail], handlers: JobHandlers())
        let job = try NewJob(Note(number: 1), queue: mail)
        await #expect(throws: TestRuntime.NoHandler.self) { try await runtime.perform(job) }
    }

    private struct Retitled: JobMiddleware {
        func run(
            _ attempt: Attempt, next: @Sendable (_ attempt: Attempt) async throws -> Outcome
        ) async throws -> Outcome {
            guard case .retry(let error, _, _) = try await next(attempt) else { return .succeeded(result: "\"seen\"") }
            return .dead(reason: .permanent, error: error)
        }
    }

    @Test func middlewareRunsAroundEveryAttempt() async throws {
        let handlers = JobHandlers.notes { _ in .retry(error: "busy") }
        let runtime = TestRuntime(queues: [mail], handlers: handlers, middleware: [Retitled()])
        let job = try NewJob(Note(number: 1), queue: mail)
        #expect(try await runtime.perform(job) == .dead(reason: .permanent, error: "busy"))
        try await runtime.enqueue(job)
        await runtime.runUntilIdle()
        #expect(runtime.deadLetters(of: mail).map(\.job) == [job.id])
    }

    @Test func aPausedQueueRunsWhenItIsResumed() async throws {
        let runtime = TestRuntime(queues: [mail], handlers: .notes())
        let id = try await runtime.enqueue(NewJob(Note(number: 1), queue: mail)).id
        try await runtime.store.pause("mail")
        #expect(await runtime.runUntilIdle() == 0)
        try await runtime.store.resume("mail")
        #expect(await runtime.runUntilIdle() == 1)
        let record = try #require(runtime.record(of: id))
        #expect(record.state.isSuccess)
        #expect(record.startedAt == record.settledAt, "time stands still while a job runs")
    }
}
