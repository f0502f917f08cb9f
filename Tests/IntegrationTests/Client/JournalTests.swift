import JobRuntime
import TestSupport
import Testing

/// A journal has each job before the queue has it, and is told what the queue did not take.
@Suite struct JournalTests {
    /// Keeps in memory what it is told, and refuses what the test says.
    private final class FakeJournal: EnqueueJournal {
        private struct State {
            var calls: [[JobID]] = []
            var withdrawn: [JobID: String] = [:]
        }

        private let state = Locked(State())
        /// Stands before each answer.
        private let answer: @Sendable ([NewJob]) async -> [Result<Void, EnqueueError>]

        init(
            _ answer: @escaping @Sendable ([NewJob]) async -> [Result<Void, EnqueueError>] = { jobs in
                jobs.map { _ in .success(()) }
            }
        ) {
            self.answer = answer
        }

        /// The jobs of each call.
        var calls: [[JobID]] { state.value.calls }
        var recorded: Set<JobID> { Set(calls.joined()) }
        var withdrawn: [JobID: String] { state.value.withdrawn }

        func record(_ jobs: [NewJob]) async -> [Result<Void, EnqueueError>] {
            state.update { $0.calls.append(jobs.map(\.id)) }
            return await answer(jobs)
        }

        func withdraw(_ jobs: [JobID], because reason: String) async {
            state.update { state in for id in jobs { state.withdrawn[id] = reason } }
        }

        func probe() async throws(StoreError) {}
    }

    /// Runs a body with a client that has a journal.
    private func withJournal(
        _ journal: FakeJournal, _ bench: Bench, patience: Duration = .seconds(10),
        limits: QueueLimits = .none, gathers: Bool = true, _ body: (JobClient) async throws -> Void
    ) async throws {
        let client = JobClient(
            store: JobStore(bench.store), patience: patience, journal: journal, limits: { _ in limits })
        try await withThrowingTaskGroup(of: Void.self) { group in
            if gathers { group.addTask { await client.run() } }
            defer { group.cancelAll() }
            try await body(client)
        }
    }

    @Test(arguments: [true, false])
    func theQueueHasAJobAfterTheJournal(gathers: Bool) async throws {
        try await withBench { bench in
            let early = Locked<[JobID]>([])
            let journal = FakeJournal { jobs in
                for job in jobs where (try? await bench.client.record(of: job.id)) != nil {
                    early.update { $0.append(job.id) }
                }
                return jobs.map { _ in .success(()) }
            }
            try await withJournal(journal, bench, gathers: gathers) { client in
                let receipt = try await client.enqueue(bench.notes(1)[0])
                let others = await client.enqueue(try bench.notes(3, from: 1))
                let ids = try [receipt.id] + others.map { try $0.get().id }
                #expect(journal.calls == [[ids[0]], Array(ids[1...])])
                #expect(early.value.isEmpty)
                for id in ids { #expect(try await client.record(of: id)?.state == .queued) }
                #expect(journal.withdrawn.isEmpty)
            }
        }
    }

    @Test func whatIsEnqueuedAtOneTimeIsRecordedInOneCallWhereverItGoes() async throws {
        try await withBench { bench in
            let gate = Gate()
            let journal = FakeJournal { jobs in
                try? await gate.pass()
                return jobs.map { _ in .success(()) }
            }
            try await withJournal(journal, bench) { client in
                let begun = Locked(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, queue) in [bench.queue, JobQueue("other")].enumerated() {
                        for lane in Lane.allCases {
                            for job in try bench.notes(50, from: number * 50, lane: lane) {
                                var job = job
                                job.queue = queue
                                group.addTask { [job] in
                                    begun.update { $0 += 1 }
                                    _ = try await client.enqueue(job)
                                }
                            }
                        }
                    }
                    try await eventually("all are on their way") { begun.value == 300 && gate.arrived > 0 }
                    gate.open()
                    try await group.waitForAll()
                }
                #expect(journal.recorded.count == 300)
                #expect(journal.calls.count < 30, "not one call each")
            }
        }
    }

    @Test func manyJobsAreRecordedInTheCallsInWhichTheyAreEnqueued() async throws {
        try await withBench { bench in
            let journal = FakeJournal()
            try await withJournal(journal, bench) { client in
                let jobs = try bench.notes(1200)
                let results = await client.enqueue(jobs)
                #expect(try results.map { try $0.get().id } == jobs.map(\.id))
                #expect(journal.calls.map(\.count) == [500, 500, 200])
                #expect(journal.calls.joined().elementsEqual(jobs.map(\.id)))
                #expect(await client.enqueue([]).isEmpty)
                #expect(journal.calls.count == 3)
            }
        }
    }

    @Test(arguments: [true, false])
    func whatTheJournalDoesNotHaveIsNotEnqueued(gathers: Bool) async throws {
        try await withBench { bench in
            // One error, one without an answer.
            let journal = FakeJournal { jobs in
                jobs.count == 1 ? [.failure(.unavailable("no disk"))] : [.failure(.full("no room")), .success(())]
            }
            try await withJournal(journal, bench, gathers: gathers) { client in
                let jobs = try bench.notes(4)
                await #expect(throws: EnqueueError.unavailable("no disk")) { try await client.enqueue(jobs[0]) }
                let results = await client.enqueue(Array(jobs[1...]))
                #expect(results[0] == .failure(.full("no room")))
                #expect(try results[1].get().id == jobs[2].id)
                #expect(results[2] == .failure(.unavailable("the journal did not answer")))
                #expect(try await bench.entries(bench.stream).compactMap { $0["id"] } == ["\(jobs[2].id)"])
                #expect(journal.withdrawn.isEmpty, "the journal has none of those that were not enqueued")
            }
        }
    }

    @Test func whatAFullQueueRefusesIsWithdrawn() async throws {
        try await withBench { bench in
            let journal = FakeJournal()
            try await withJournal(journal, bench, limits: QueueLimits(maximumDepth: 2)) { client in
                let jobs = try bench.notes(4)
                let results = await client.enqueue(jobs)
                let full = "the queue holds 2 jobs, its limit"
                #expect(results[2...].allSatisfy { $0 == .failure(.full(full)) })
                #expect(journal.recorded == Set(jobs.map(\.id)))
                #expect(journal.withdrawn == [jobs[2].id: full, jobs[3].id: full])
            }
        }
    }

    @Test func aDuplicateOfAnotherIsWithdrawnAndARepetitionOfItselfIsNot() async throws {
        try await withBench { bench in
            let journal = FakeJournal()
            try await withJournal(journal, bench) { client in
                var jobs = try bench.notes(2)
                for index in jobs.indices { jobs[index].unique = .init("key", for: .seconds(60)) }
                let first = try await client.enqueue(jobs[0])
                #expect(try await client.enqueue(jobs[0]).isDuplicate)
                #expect(journal.withdrawn.isEmpty)
                #expect(try await client.enqueue(jobs[1]).id == first.id)
                #expect(journal.withdrawn == [jobs[1].id: "\(first.id) was there before"])
            }
        }
    }

    @Test func aRepetitionOfARequestIsWithdrawnAndAConflictAsWell() async throws {
        try await withBench { bench in
            let journal = FakeJournal()
            try await withJournal(journal, bench) { client in
                var jobs = try bench.notes(3)
                for (index, print) in ["f", "f", "g"].enumerated() {
                    jobs[index].idempotency = .init(key: "key", fingerprint: print)
                }
                let first = try await client.enqueue(jobs[0])
                #expect(try await client.enqueue(jobs[0]).isDuplicate)
                #expect(journal.withdrawn.isEmpty)
                #expect(try await client.enqueue(jobs[1]).id == first.id)
                await #expect(throws: EnqueueError.conflict(first.id)) { try await client.enqueue(jobs[2]) }
                #expect(
                    journal.withdrawn == [
                        jobs[1].id: "\(first.id) was there before",
                        jobs[2].id: "\(first.id) has its idempotency key",
                    ])
            }
        }
    }

    @Test func whatDidNotReachRedisIsWithdrawnAndWhatMayHaveIsNot() async throws {
        let server = try await PrivateRedis()
        try await withBench(on: server, commandTimeout: .seconds(1)) { bench in
            let journal = FakeJournal()
            try await withJournal(journal, bench, patience: .seconds(1)) { client in
                let jobs = try bench.notes(3)
                _ = try await client.enqueue(jobs[0])
                server.freeze()
                let uncertain = await client.enqueue([jobs[1]])[0]
                server.thaw()
                guard case .failure(.uncertain(jobs[1].id, _)) = uncertain else {
                    Issue.record("not uncertain: \(uncertain)")
                    return
                }
                #expect(journal.withdrawn.isEmpty)
                await server.kill()
                try await eventually("it is known to be down") {
                    if case .failure(.unavailable) = await client.enqueue([jobs[2]])[0] { true } else { false }
                }
                #expect(journal.withdrawn.keys.contains(jobs[2].id))
                #expect(!journal.withdrawn.keys.contains(jobs[1].id))
            }
        }
    }
}
