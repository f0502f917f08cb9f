import JobRuntime
import Testing

extension Conformance {
    /// What a request that is made again is answered.
    @Suite struct Idempotency {
        @Test(arguments: Ground.allCases, [true, false])
        func aRepetitionIsAnsweredLikeTheFirst(ground: Ground, tracked: Bool) async throws {
            for start in [NewJob.Start.now, .after(.seconds(60))] {
                try await withStore(ground, tracked: tracked) { bench in
                    let first = try bench.request("k", start: start)
                    let at = try await bench.enqueue([first]).at
                    try await bench.pass(20)
                    let second = try bench.request("k", start: start)
                    let reply = try await bench.enqueue([second])
                    #expect(reply.exceptions == [0: .duplicate(first.id, at: at)])
                    #expect(reply.at > at)
                    #expect(try await bench.state(second.id) == nil)
                    #expect(try await bench.enqueue(bench.request("other", start: start)) == nil)
                }
            }
        }

        @Test(arguments: Ground.allCases)
        func anotherFingerprintIsAConflict(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.request("k", fingerprint: "a b\nc")
                let at = try await bench.enqueue([first]).at
                let second = try bench.request("k", fingerprint: "a b")
                #expect(try await bench.enqueue(second) == .conflict(first.id))
                #expect(try await bench.state(second.id) == nil)
                let again = try bench.request("k", fingerprint: "a b\nc")
                #expect(try await bench.enqueue(again) == .duplicate(first.id, at: at))
            }
        }

        @Test(arguments: Ground.allCases)
        func ofOneCallTheFirstIsTakenAndTheOthersAreItsRepetitions(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try ["f", "f", "g"].map { try bench.request("k", fingerprint: $0) }
                let reply = try await bench.enqueue(jobs)
                #expect(reply.exceptions == [1: .duplicate(jobs[0].id, at: reply.at), 2: .conflict(jobs[0].id)])
                #expect(try await bench.deliver(10, to: "a").map(\.job) == [jobs[0].id])
            }
        }

        @Test(arguments: Ground.allCases)
        func theKeyIsOneOverAllQueues(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.request("k")
                let at = try await bench.enqueue([first]).at
                let other = bench.beside(JobQueue("other"))
                #expect(try await other.enqueue(other.request("k")) == .duplicate(first.id, at: at))
                #expect(try await other.enqueue(other.request("k", fingerprint: "g")) == .conflict(first.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func theKeyIsKeptForItsLifeWhateverBecomesOfTheJob(ground: Ground) async throws {
            try await withStore(ground, recordTTL: .milliseconds(1)) { bench in
                let first = try bench.request("k", life: .milliseconds(300))
                let at = try await bench.enqueue([first]).at
                _ = try await bench.settle(.done(result: ""), bench.deliver(1, to: "a"))
                try await bench.comesTrue("its record is gone") { try await bench.state(first.id) == nil }
                #expect(try await bench.enqueue(bench.request("k")) == .duplicate(first.id, at: at))
                try await bench.pass(300)
                let second = try bench.request("k")
                #expect(try await bench.enqueue(second) == nil)
                guard case .duplicate(second.id, _) = try await bench.enqueue(bench.request("k")) else {
                    Issue.record("the second is the first now")
                    return
                }
            }
        }

        /// The same job: what came before may have been cut off.
        @Test(arguments: Ground.allCases, [true, false])
        func theSameJobAgainIsADuplicateOfItself(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                var job = try bench.request("k")
                let at = try await bench.enqueue([job]).at
                #expect(try await bench.enqueue(job) == .duplicate(job.id, at: at))
                job.idempotency?.fingerprint = "g"
                #expect(try await bench.enqueue(job) == .duplicate(job.id, at: at))
                #expect(try await bench.deliver(10, to: "a").count == 1)
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsThereUnderItsIDIsNoConflict(ground: Ground) async throws {
            try await withStore(ground) { bench in
                var job = try bench.note()
                try await bench.enqueue(job)
                try await bench.enqueue(bench.request("k", fingerprint: "g"))
                job.idempotency = .init(key: "k", fingerprint: "f")
                #expect(try await bench.enqueue(job) == .duplicate(job.id))
            }
        }

        @Test(arguments: Ground.allCases)
        func howeverFullTheQueueIsARepetitionIsNone(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.request("k")
                let at = try await bench.enqueue([first]).at
                let limits = QueueLimits(maximumDepth: 1)
                let full = EnqueueReply.Exception.full("the queue holds 1 jobs, its limit")
                #expect(try await bench.enqueue(bench.request("k"), limits: limits) == .duplicate(first.id, at: at))
                let conflict = try bench.request("k", fingerprint: "g")
                #expect(try await bench.enqueue(conflict, limits: limits) == .conflict(first.id))

                #expect(try await bench.enqueue(bench.request("new"), limits: limits) == full)
                #expect(try await bench.enqueue(bench.request("new")) == nil, "what was refused keeps no key")
            }
        }

        /// Kept out by its unique key, it was not enqueued.
        @Test(arguments: Ground.allCases)
        func whatIsKeptOutOtherwiseKeepsNoKey(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let first = try bench.note(unique: .init("u", for: .seconds(60)))
                try await bench.enqueue(first)
                var second = try bench.request("k")
                second.unique = first.unique
                #expect(try await bench.enqueue(second) == .duplicate(first.id))
                #expect(try await bench.enqueue(bench.request("k")) == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func anyLifeIsTaken(ground: Ground) async throws {
            try await withStore(ground) { (bench: StoreBench) async throws in
                for (key, life) in [("a", Duration.seconds(Int64.max)), ("b", .zero), ("c", .seconds(-1))] {
                    #expect(try await bench.enqueue(bench.request(key, life: life)) == nil)
                }
                #expect(try await bench.deliver(10, to: "a").count == 3)
            }
        }
    }
}
