import JobRuntime
import NIOCore
import TestSupport
import Testing

/// Tells a queue of the end of each note.
private struct Teller: JobHandler {
    typealias Payload = Note

    static let news = JobQueue("news")

    let runs = Runs()
    let endings = Locked<[Ending]>([])
    var settlesExpired = false
    let outcome: @Sendable (Attempt) throws -> Outcome

    func run(_ job: Note, attempt: Attempt) async throws -> Outcome {
        runs.add(attempt)
        return try outcome(attempt)
    }

    func followUps(to ending: Ending, of payload: ByteBuffer, attempt: Attempt) -> [NewJob] {
        endings.update { $0.append(ending) }
        return [
            NewJob(id: .derived(from: attempt.job, "ended"), queue: Self.news, kind: "note", payload: payload)
        ]
    }

    func handlers(_ policy: RetryPolicy = .standard) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(self, policy: policy)
        return handlers
    }
}

extension Conformance {
    /// A whole worker on either store: how jobs end, what follows, and what is still settled when their time is over.
    @Suite struct WorkerEndings {
        private struct Broken: Error, CustomStringConvertible { let description = "the wire is down" }

        private let quick = RetryPolicy(backoff: .schedule([.zero]), maximumAttempts: 2)

        /// Runs a worker until a job is followed by the news of its end.
        ///
        /// - Returns: its last state.
        private func run(
            _ teller: Teller, policy: RetryPolicy = .standard, on bench: StoreBench, _ job: JobID
        ) async throws -> JobRecord.State? {
            try await running(bench.worker(teller.handlers(policy))) {
                try await bench.comesTrue("it is followed") {
                    try await bench.state(.derived(from: job, "ended")) == .queued
                }
            }
            return try await bench.state(job)
        }

        @Test(arguments: Ground.allCases)
        func everyEndIsFollowed(ground: Ground) async throws {
            for (outcome, ending, state) in [
                (.succeeded(result: "1"), .succeeded(result: "1"), .succeeded(result: "1")),
                (
                    .dead(reason: .permanent, error: "no"), .dead(reason: .permanent, error: "no"),
                    .dead(reason: .permanent)
                ),
                (.unknown(error: "?"), .unknown(error: "?"), .unknown),
                (.expired(error: "late"), .expired(error: "late"), .expired),
                (
                    .discarded(reason: .permanent, error: "x"), .discarded(reason: .permanent, error: "x"),
                    .discarded(reason: .permanent)
                ),
                (
                    .retry(error: "busy"), .dead(reason: .exhausted, error: "attempt 2 of 2: busy"),
                    .dead(reason: .exhausted)
                ),
            ] as [(Outcome, Ending, JobRecord.State)] {
                try await withStore(ground) { bench in
                    let teller = Teller { _ in outcome }
                    let job = try bench.note(7)
                    try await bench.enqueue(job)
                    #expect(try await run(teller, policy: quick, on: bench, job.id) == state)
                    #expect(teller.endings.value == [ending])
                    let news = try await bench.beside(Teller.news).deliver(10, to: "b")
                    #expect(news.map(\.payload) == [job.payload])
                }
            }
        }

        /// Ends that no handler made are followed as well.
        @Test(arguments: Ground.allCases)
        func whatIsNeverRunIsFollowedToo(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let teller = Teller { _ in .succeeded() }
                let garbled = NewJob(queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{"))
                try await bench.enqueue(garbled)
                #expect(try await run(teller, on: bench, garbled.id) == .dead(reason: .undecodable))
                var late = try bench.note()
                late.meta.expiresAt = try await bench.now()
                try await bench.enqueue(late)
                #expect(try await run(teller, on: bench, late.id) == .expired)
                #expect(teller.runs.all.isEmpty)
                #expect(teller.endings.value.last == .expired(error: "not begun before its time was over"))
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsPutOffTooOftenIsTooOld(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let teller = Teller {
                    $0.meta.snoozes == 0 ? .snooze(for: .zero, reason: "a") : .snooze(for: .seconds(61), reason: "b")
                }
                let policy = RetryPolicy(
                    backoff: .schedule([.zero]), maximumAttempts: 9, maximumAge: .seconds(60))
                let job = try bench.note()
                try await bench.enqueue(job)
                #expect(try await run(teller, policy: policy, on: bench, job.id) == .dead(reason: .tooOld))
                #expect(teller.endings.value == [.dead(reason: .tooOld, error: "too old to be put off again: b")])
            }
        }

        /// One delivery before, by a worker that died, or a memo: either may mean that the work is done.
        @Test(arguments: Ground.allCases, [true, false])
        func whatMayBeDoneIsSettledAfterItsTime(ground: Ground, settles: Bool) async throws {
            try await withStore(ground) { bench in
                let teller = Teller(settlesExpired: settles) { attempt in
                    attempt.meta.memo == nil
                        ? .snooze(for: .zero, reason: "asking", memo: JobMemo("asked", inDoubt: true))
                        : .succeeded(result: "found")
                }
                var jobs = try (0..<2).map { try bench.note($0) }
                for index in jobs.indices { jobs[index].meta.expiresAt = try await bench.now() }
                try await bench.enqueue(jobs[0])
                let held = try await bench.deliver(1, to: "dead")
                _ = try await bench.settle(.release(isUntouched: false), held, by: "dead")
                try await bench.enqueue(jobs[1])
                let end = try await run(teller, on: bench, jobs[0].id)
                #expect(end == (settles ? .succeeded(result: "found") : .expired))
                #expect(teller.runs.all.map(\.meta.memo) == (settles ? [nil, "asked"] : []))
                #expect(try await run(teller, on: bench, jobs[1].id) == .expired, "it was never begun")
            }
        }
    }
}
