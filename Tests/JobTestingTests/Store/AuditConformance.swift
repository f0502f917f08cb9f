import JobRuntime
import NIOCore
import Testing

extension Conformance {
    /// What is asked by whoever keeps books beside the store.
    @Suite struct Auditing {
        @Test(arguments: Ground.allCases)
        func aJobIsWhereItIs(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let store = JobStore(bench.store)
                func expect(
                    _ id: JobID, _ location: JobLocation, sourceLocation: SourceLocation = #_sourceLocation
                ) async throws {
                    #expect(try await store.locate([(id, "work")]) == [location], sourceLocation: sourceLocation)
                }
                let job = try bench.note(lane: .high)
                try await expect(job.id, .absent)
                try await bench.enqueue(job)
                try await expect(job.id, .waiting)
                #expect(try await store.locate([(job.id, "other")]) == [.elsewhere(queue: "work")])
                var delivered = try await bench.deliver(1, to: "a", lane: .high)
                try await expect(job.id, .running)
                _ = try await bench.settle(.release(isUntouched: true), delivered)
                try await expect(job.id, .waiting)

                for (verb, location) in [
                    (Settlement.Verb.retry(), JobLocation.retrying), (.snooze(), .snoozed), (.park(), .parked),
                ] {
                    delivered = try await bench.reclaim(by: "a", cursors: nil).delivered
                    if delivered.isEmpty { delivered = try await bench.deliver(1, to: "a", lane: .high) }
                    #expect(try await bench.settle(verb, delivered) == [.settled])
                    try await expect(job.id, location)
                    try await bench.promote(.retry)
                    try await expect(job.id, .waiting)
                }
                _ = try await bench.settle(.dead, bench.deliver(1, to: "a", lane: .high))
                try await expect(job.id, .dead(isDropped: false))
                _ = try await bench.store.redrive(bench.letters(), of: "work")
                _ = try await bench.settle(.unknown, bench.deliver(1, to: "a", lane: .high))
                try await expect(job.id, .unknown(isDropped: false))
                _ = try await bench.store.drop(bench.letters(), of: "work")
                try await expect(job.id, .unknown(isDropped: true))
            }
        }

        @Test(arguments: Ground.allCases)
        func howAJobHasEndedIsSaid(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let later = try bench.note(start: .after(.seconds(60)))
                let canceled = try bench.note()
                try await bench.enqueue(later)
                try await bench.enqueue(canceled)
                #expect(try await bench.store.cancel(canceled.id) == .canceled)
                let others = try await bench.delivered(4)
                let verbs: [Settlement.Verb] = [
                    .done(result: ""), .expired(error: ""), .discarded(reason: .permanent, error: ""), .dead,
                ]
                _ = try await bench.settle(zip(others, verbs).map { ($0, $1, []) })
                _ = try await bench.store.drop(bench.letters(), of: "work")
                let never = JobID()
                let ids = [later.id, canceled.id] + others.map(\.job) + [never]
                let locations = try await JobStore(bench.store).locate(ids.map { ($0, "work") })
                let expected: [JobLocation] =
                    [.scheduled]
                    + ["canceled", "done", "expired", "discarded"].map { .finished(state: $0) }
                    + [.dead(isDropped: true), .absent]
                #expect(locations == expected)
            }
        }

        @Test(arguments: Ground.allCases)
        func manyJobsOfSeveralQueuesAreLocatedInTheirOrder(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let other = bench.beside(JobQueue("other"))
                let jobs = try (0..<700).map { try bench.note($0) }
                let others = try (0..<3).map { try other.note($0) }
                try await bench.enqueue(jobs)
                try await other.enqueue(others)
                _ = try await other.deliver(3, to: "a")
                var asked = jobs.map { ($0.id, "work") }
                for (place, job) in zip([0, 350, 702], others) { asked.insert((job.id, "other"), at: place) }
                let locations = try await JobStore(bench.store).locate(asked)
                #expect(locations.count == 703)
                #expect(locations.indices.filter { locations[$0] == .running } == [0, 350, 702])
                #expect(locations.count { $0 == .waiting } == 700)
                #expect(try await JobStore(bench.store).locate([]).isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatIsNowhereIsPutBackAsItWas(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let store = JobStore(bench.store)
                let payload = ByteBuffer(string: "{\"number\":7}")
                var lost = RestoredJob(
                    id: JobID(), queue: bench.queue, kind: "note", payload: payload, attempt: 3, enqueuedAt: 1234,
                    lane: .low, expiresAt: 4_000_000_000_000)
                let before = try await bench.now()
                #expect(try await store.restore([lost]) == [.restored])
                #expect(try await store.restore([lost]) == [.found(.waiting)])
                var record = try #require(try await bench.store.record(of: lost.id))
                #expect((record.state, record.lane, record.attempt) == (.queued, .low, 3))
                #expect((record.enqueuedAt, record.payload, record.kind) == (1234, payload, "note"))
                let delivered = try await bench.deliver(10, to: "a", lane: .low)
                #expect(delivered.map(\.job) == [lost.id])
                let job = delivered[0]
                #expect((job.attempt, job.deliveries, job.enqueuedAt) == (3, 1, 1234))
                #expect((job.payload, job.kind, job.meta.expiresAt) == (payload, "note", 4_000_000_000_000))
                #expect((before...(try await bench.now())).contains(try #require(job.meta.restoredAt)))
                #expect(job.meta.inDoubt)
                #expect(try await store.restore([lost]) == [.found(.running)])
                _ = try await bench.settle(.done(result: ""), delivered)
                #expect(try await store.restore([lost]) == [.found(.finished(state: "done"))])

                lost.id = JobID()
                lost.start = 5
                #expect(try await store.restore([lost]) == [.restored])
                #expect(try await bench.deliver(10, to: "a", lane: .low).map(\.enqueuedAt) == [5], "when it was due")
                record = try #require(try await bench.store.record(of: lost.id))
                #expect(record.enqueuedAt == 1234)
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatWasForLaterWaitsForItsTime(ground: Ground) async throws {
            try await withStore(ground) { bench in
                var due = try await bench.now() + 60_000
                var lost = RestoredJob(
                    id: JobID(), queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{}"),
                    enqueuedAt: 1234, lane: .high, start: due)
                let store = JobStore(bench.store)
                #expect(try await store.restore([lost]) == [.restored])
                #expect(try await bench.state(lost.id) == .scheduled(due: due))
                #expect(try await store.restore([lost]) == [.found(.scheduled)])
                #expect(try await bench.deliver(1, to: "a", lane: .high).isEmpty)
                due = try await bench.now() + 60
                (lost.id, lost.start) = (JobID(), due)
                #expect(try await store.restore([lost]) == [.restored])
                try await bench.pass(60)
                try await bench.promote(.scheduled)
                let job = try #require(try await bench.deliver(1, to: "a", lane: .high).first)
                #expect((job.job, job.attempt, job.enqueuedAt) == (lost.id, 1, due))
                #expect(job.meta.restoredAt != nil)
                #expect(try await bench.store.record(of: lost.id)?.enqueuedAt == 1234)
            }
        }

        /// Who asked for it may have asked again, and the repetition's job does it.
        @Test(arguments: Ground.allCases)
        func whatWasAskedForAgainIsNotPutBack(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let store = JobStore(bench.store)
                var lost = RestoredJob(
                    id: JobID(), queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{}"), enqueuedAt: 1234)
                var again = try bench.note()
                again.idempotency = .init(key: "asked-again", fingerprint: "f")
                try await bench.enqueue(again)
                lost.idempotency = again.idempotency
                #expect(try await store.restore([lost]) == [.repeated(by: again.id)])
                #expect(try await bench.store.record(of: lost.id) == nil)

                lost.idempotency = .init(key: "asked-once", fingerprint: "f")
                #expect(try await store.restore([lost]) == [.restored])
                let request = try #require(lost.idempotency)
                #expect(
                    try await bench.store.known([request])
                        == [Receipt(id: lost.id, enqueuedAt: 1234, isDuplicate: true)], "now a repetition finds it")
                #expect(try await store.restore([lost]) == [.found(.waiting)])
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsSomewhereStaysThere(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(3)
                _ = try await bench.settle([(jobs[0], .dead, []), (jobs[1], .retry(), []), (jobs[2], .unknown, [])])
                let other = JobQueue("other")
                let asked = jobs.map {
                    RestoredJob(
                        id: $0.job, queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{}"), enqueuedAt: 1)
                }
                let store = JobStore(bench.store)
                #expect(
                    try await store.restore(asked)
                        == [
                            .found(.dead(isDropped: false)), .found(.retrying), .found(.unknown(isDropped: false)),
                        ])
                var elsewhere = asked[0]
                elsewhere.queue = other
                #expect(try await store.restore([elsewhere]) == [.found(.elsewhere(queue: "work"))])
                #expect(try await bench.deliver(10, to: "a").isEmpty)
                elsewhere.queue = JobQueue("other", isTracked: false)
                await #expect(throws: StoreError.self) { try await store.restore([elsewhere]) }
            }
        }

        /// A job that is in doubt is neither cancelled nor ended as if it had not been done.
        @Test(arguments: Ground.allCases)
        func oneThatIsPutBackIsNotCancelledBeforeItsHandlerHasLooked(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let lost = RestoredJob(
                    id: JobID(), queue: bench.queue, kind: "note", payload: ByteBuffer(string: "{}"), enqueuedAt: 1)
                _ = try await JobStore(bench.store).restore([lost])
                #expect(try await bench.store.cancel(lost.id) == .running)
                let delivered = try await bench.deliver(1, to: "a")
                var meta = delivered[0].meta
                meta.inDoubt = false
                _ = try await bench.settle(.snooze(meta: meta), delivered)
                #expect(try await bench.store.cancel(lost.id) == .canceled)
            }
        }

        @Test(arguments: Ground.allCases)
        func everyPartOfAQueueIsWalkedToItsEnd(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(700)
                _ = try await bench.settle(
                    jobs[..<230].map { ($0, .dead, []) } + jobs[230...].map { ($0, .retry(in: .seconds(60)), []) })
                let later = try (0..<230).map { try bench.note($0, start: .after(.seconds(60))) }
                let low = try (0..<230).map { try bench.note($0, lane: .low) }
                try await bench.enqueue(later)
                try await bench.enqueue(low)
                _ = try await bench.deliver(100, to: "a", lane: .low)
                let store = JobStore(bench.store)
                func walk(_ part: QueuePart) async throws -> [JobID] {
                    var ids: [JobID] = []
                    var cursor: QueuePage.Cursor?
                    repeat {
                        let page = try await store.jobs(in: "work", part: part, after: cursor)
                        ids += page.ids
                        cursor = page.next
                    } while cursor != nil
                    return ids
                }
                #expect(try await walk(.stream(.low)) == low.map(\.id))
                #expect(try await walk(.stream(.normal)).isEmpty)
                #expect(try await walk(.dead) == jobs[..<230].map(\.job))
                #expect(try await Set(walk(.retry)) == Set(jobs[230...].map(\.job)))
                #expect(try await Set(walk(.scheduled)) == Set(later.map(\.id)))
            }
        }
    }
}
