import JobRuntime
import Testing

extension Conformance {
    /// What becomes of a job that a person wants tried again.
    @Suite struct Retrying {
        @Test(arguments: Ground.allCases)
        func oneThatIsDeadBeginsAnewOnce(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()[0].job
                _ = try await bench.settle(.dead, bench.reclaim(by: "a").delivered)
                let client = JobClient(store: JobStore(bench.store))
                #expect(try await client.retry(job) == .redriven)
                #expect(try await client.retry(job) == .queued)
                #expect(try await bench.letters().isEmpty)
                let delivered = try await bench.deliver(10, to: "a")
                #expect(delivered.map(\.job) == [job])
                #expect(delivered.map(\.attempt) == [1])
                #expect(try await client.retry(job) == .running)
            }
        }

        enum Wait: CaseIterable, Sendable {
            case retrying, snoozed, parked

            var verb: Settlement.Verb {
                switch self {
                case .retrying: .retry(in: .seconds(60), attempt: 3)
                case .snoozed: .snooze(for: .seconds(60))
                case .parked: .park(for: .seconds(60))
                }
            }
        }

        @Test(arguments: Ground.allCases, Wait.allCases)
        func oneThatWaitsIsDueNowAndSpendsNoAttempt(ground: Ground, wait: Wait) async throws {
            for tracked in [true, false] {
                try await withStore(ground, tracked: tracked) { bench in
                    let delivered = try await bench.delivered()
                    _ = try await bench.settle(wait.verb, delivered)
                    let client = JobClient(store: JobStore(bench.store))
                    let job = delivered[0].job
                    #expect(try await bench.promote(.retry).moved == 0)
                    #expect(try await client.retry(job) == .hastened)
                    let now = try await bench.now()
                    switch try await bench.state(job) {
                    case .retrying(let due), .snoozed(let due, _), .parked(let due): #expect(due <= now)
                    case let state: Issue.record("it waits no longer: \(String(describing: state))")
                    }
                    #expect(try await client.retry(job) == .queued, "it is due")
                    #expect(try await bench.promote(.retry).moved == 1)
                    #expect(try await client.retry(job) == (tracked ? .queued : .notFound))
                    let again = try await bench.deliver(10, to: "a")
                    #expect(again.map(\.job) == [job])
                    #expect(again.map(\.attempt) == [wait == .retrying ? 3 : 1])
                }
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatWaitsForItsStartIsLeft(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try bench.note(start: .after(.seconds(60)))
                let at = try await bench.enqueue([job]).at
                #expect(try await JobClient(store: JobStore(bench.store)).retry(job.id) == .scheduled)
                #expect(try await bench.state(job.id) == .scheduled(due: at + 60_000))
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatIsHandedBackIsQueued(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let delivered = try await bench.delivered()
                let job = delivered[0].job
                _ = try await bench.settle(.release(isUntouched: false), delivered)
                #expect(try await JobClient(store: JobStore(bench.store)).retry(job) == .queued)
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatMayHaveHadItsEffectIsLeft(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let client = JobClient(store: JobStore(bench.store))
                let held = try await bench.delivered()
                let heldJob = held[0].job
                _ = try await bench.settle(.unknown, held)
                #expect(try await client.retry(heldJob) == .inDoubt)
                #expect(try await bench.letters().map(\.job) == [heldJob])

                let waiting = try await bench.delivered()
                let waitingJob = waiting[0].job
                var meta = JobMeta()
                meta.inDoubt = true
                _ = try await bench.settle(.snooze(for: .seconds(60), meta: meta), waiting)
                let before = try await bench.state(waitingJob)
                #expect(try await client.retry(waitingJob) == .inDoubt)
                #expect(try await bench.state(waitingJob) == before)

                #expect(try await bench.store.drop(bench.letters(), of: "work") == [true])
                #expect(try await client.retry(heldJob) == .ended(state: "unknown"))
            }
        }

        @Test(arguments: Ground.allCases)
        func oneThatHasEndedStaysSo(ground: Ground) async throws {
            let ends: [(Settlement.Verb, String)] = [
                (.done(result: ""), "done"), (.expired(error: "late"), "expired"),
                (.discarded(reason: .permanent, error: "no"), "discarded"),
            ]
            for (verb, state) in ends {
                try await withStore(ground) { bench in
                    let delivered = try await bench.delivered()
                    let job = delivered[0].job
                    _ = try await bench.settle(verb, delivered)
                    #expect(try await JobClient(store: JobStore(bench.store)).retry(job) == .ended(state: state))
                }
            }
            try await withStore(ground) { bench in
                let client = JobClient(store: JobStore(bench.store))
                let job = try bench.note()
                try await bench.enqueue(job)
                #expect(try await client.cancel(job.id) == .canceled)
                #expect(try await client.retry(job.id) == .ended(state: "canceled"))
                #expect(try await client.retry(JobID()) == .notFound)
                let dead = try await bench.delivered()
                _ = try await bench.settle(.dead, dead)
                #expect(try await bench.store.drop(bench.letters(), of: "work") == [true])
                #expect(try await client.retry(dead[0].job) == .ended(state: "dead"))
            }
        }
    }
}
