import JobRuntime
import NIOCore
import Testing

extension Conformance {
    @Suite struct Enqueueing {
        @Test(arguments: Ground.allCases)
        func aQueueSaysBeforehandThatItIsFull(ground: Ground) async throws {
            try await withStore(ground) { bench in
                try await bench.enqueue(bench.note())
                let other = JobQueue("other")
                let limits = QueueLimits(maximumDepth: 1)
                let reasons = try await bench.store.probe([
                    (other, limits), (bench.queue, limits), (bench.queue, .none),
                ])
                #expect(reasons == [nil, "the queue holds 1 jobs, its limit", nil])
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aJobIsDeliveredAsItWasEnqueued(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                var job = try bench.note(7, lane: .high)
                job.meta.expiresAt = 4_000_000_000_000
                job.meta.trace = ["traceparent": "00-1-2-01"]
                let reply = try await bench.enqueue([job])
                let delivered = try #require(try await bench.deliver(10, to: "a", lane: .high).first)
                #expect(delivered.job == job.id)
                #expect(delivered.kind == "note")
                #expect(delivered.payload == ByteBuffer(string: "{\"number\":7}"))
                #expect(delivered.meta == job.meta)
                #expect(delivered.enqueuedAt == reply.at)
                #expect((delivered.attempt, delivered.deliveries) == (1, 1))
                #expect(delivered.entry.lane == .high)
            }
        }

        @Test(arguments: Ground.allCases)
        func jobsAreDeliveredInTheirOrderAndFromTheirLane(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let normal = try (0..<3).map { try bench.note($0) }
                let low = try bench.note(9, lane: .low)
                try await bench.enqueue(normal)
                try await bench.enqueue(low)
                #expect(try await bench.deliver(2, to: "a").map(\.job) == normal.prefix(2).map(\.id))
                #expect(try await bench.deliver(10, to: "b").map(\.job) == [normal[2].id])
                #expect(try await bench.deliver(10, to: "b", lane: .low).map(\.job) == [low.id])
                #expect(try await bench.deliver(10, to: "b", lane: .high).isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobThatHasARecordIsADuplicate(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try bench.note()
                #expect(try await bench.enqueue(job) == nil)
                #expect(try await bench.enqueue(job) == .duplicate(job.id))
                let delivered = try await bench.deliver(10, to: "a")
                #expect(delivered.count == 1)
                #expect(try await bench.settle(.done(result: ""), delivered) == [.settled])
                #expect(try await bench.enqueue(job) == .duplicate(job.id), "its record stands still")
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsKeptOutIsNamedByItsPlaceAndTheOthersAreTakenIn(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try (0..<5).map { try bench.note($0) }
                try await bench.enqueue([jobs[2], jobs[4]])
                // A slice whose first place is not 0.
                let reply = try await bench.store.enqueue(jobs[1...], to: bench.queue, lane: .normal, limits: .none)
                #expect(reply.exceptions == [1: .duplicate(jobs[2].id), 3: .duplicate(jobs[4].id)])
                let order = [jobs[2], jobs[4], jobs[1], jobs[3]].map(\.id)
                #expect(try await bench.deliver(10, to: "a").map(\.job) == order)
            }
        }

        @Test(arguments: Ground.allCases, [true, false])
        func aJobThatStartsLaterIsNotDeliveredBefore(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                let job = try bench.note(start: .after(.seconds(60)))
                let reply = try await bench.enqueue([job])
                #expect(try await bench.state(job.id) == .scheduled(due: reply.at + 60_000))
                #expect(try await bench.deliver(10, to: "a").isEmpty)
                #expect(try await bench.enqueue(job) == .duplicate(job.id), "it waits already")
            }
        }

        @Test(arguments: Ground.allCases)
        func aStartThatHasPassedIsNow(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let now = try await bench.now()
                let starts: [NewJob.Start] = [.at(now - 1), .at(-1), .after(.zero), .after(.seconds(-5))]
                let jobs = try starts.map { try bench.note(start: $0) }
                #expect(try await bench.enqueue(jobs).exceptions.isEmpty)
                #expect(try await bench.deliver(10, to: "a").map(\.job) == jobs.map(\.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func aFullQueueTakesNoMoreButForLater(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let limits = QueueLimits(maximumDepth: 3)
                let full = EnqueueReply.Exception.full("the queue holds 3 jobs, its limit")
                try await bench.enqueue(bench.note(lane: .low))
                let running = try await bench.delivered()
                let jobs = try (0..<2).map { try bench.note($0) }
                #expect(try await bench.enqueue(jobs, limits: limits).exceptions == [1: full])
                #expect(try await bench.state(jobs[1].id) == nil)
                #expect(try await bench.enqueue(bench.note(lane: .high), limits: limits) == full)
                let later = try bench.note(start: .after(.seconds(60)))
                #expect(try await bench.enqueue(later, limits: limits) == nil)

                #expect(try await bench.settle(.done(result: ""), running) == [.settled])
                #expect(try await bench.enqueue(bench.note(), limits: limits) == nil, "there is room again")
            }
        }
    }
}
