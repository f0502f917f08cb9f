import JobRuntime
import ServiceLifecycle
import Testing

extension Conformance {
    /// A whole worker on either store: lanes, pauses, deadlines and the way it stops.
    @Suite struct WorkerCourse {
        @Test(arguments: Ground.allCases)
        func everyLaneIsWorkedOffTheUrgentOneFirst(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let runs = Runs()
                for lane in Lane.allCases.reversed() {
                    try await bench.enqueue((0..<10).map { try bench.note($0, lane: lane) })
                }
                let worker = bench.worker(.notes(runs)) { $0.slots = 1 }
                try await running(worker) {
                    try await bench.comesTrue("all have run") { worker.counts.done == 30 }
                }
                #expect(runs.all.first?.meta.lane == .high)
                let places = runs.all.indices.map { (runs.all[$0].meta.lane, $0) }
                let mean = Dictionary(grouping: places) { $0.0 }.mapValues { $0.reduce(0) { $0 + $1.1 } }
                #expect((mean[.high] ?? 0) < (mean[.low] ?? 0))
            }
        }

        @Test(arguments: Ground.allCases)
        func aPausedQueueIsNotReadAndTheOthersAre(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, other) = (Runs(), JobQueue("other"))
                let paused = try bench.note()
                try await bench.store.pause("work", true)
                try await bench.enqueue(paused)
                let worker = bench.worker(.notes(runs), queues: [other])
                try await running(worker) {
                    for number in 1...3 {
                        let job = try NewJob(Note(number: number), queue: other)
                        _ = try await bench.store.enqueue([job], to: other, lane: .normal, limits: .none)
                        try await bench.comesTrue("it is done") { worker.counts.done == number }
                    }
                    #expect(try await bench.state(paused.id) == .queued)
                    try await bench.store.pause("work", false)
                    try await bench.comesTrue("it is done, too") { worker.counts.done == 4 }
                }
                #expect(runs.all.map(\.queue) == ["other", "other", "other", "work"])
            }
        }

        @Test(arguments: Ground.allCases)
        func anAttemptThatTakesTooLongIsCancelledAndTriedAgain(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, gate, job) = (Runs(), Gate(), try bench.note())
                try await bench.enqueue(job)
                let policy = RetryPolicy(backoff: .schedule([.milliseconds(10)]), maximumAttempts: 1000)
                let handlers = JobHandlers.notes(runs, policy: policy, timeout: .milliseconds(50)) { attempt in
                    if attempt.number == 1 { try await gate.pass() }
                    return .succeeded()
                }
                try await running(bench.worker(handlers)) {
                    try await bench.comesTrue("it succeeds") { try await bench.state(job.id)?.isSuccess ?? false }
                }
                #expect(runs.numbers.count > 1)
                #expect(try await bench.store.record(of: job.id)?.error == "ran for longer than 0.05 seconds")
            }
        }

        @Test(arguments: Ground.allCases)
        func anAttemptThatDoesNotStopIsGivenUp(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, gate, job) = (Runs(), Gate(), try bench.note())
                try await bench.enqueue(job)
                let policy = RetryPolicy(backoff: .schedule([.milliseconds(10)]), maximumAttempts: 1000)
                let handlers = JobHandlers.notes(runs, policy: policy, timeout: .milliseconds(50)) { attempt in
                    if attempt.number == 1 { await gate.passStubbornly() }
                    return .succeeded(result: attempt.number == 1 ? "late" : "in time")
                }
                let worker = bench.worker(handlers) { $0.deadlineGrace = .milliseconds(50) }
                try await running(worker) {
                    try await bench.comesTrue("the next attempt succeeds") {
                        try await bench.state(job.id) == .succeeded(result: "in time")
                    }
                    gate.open()
                }
                #expect(worker.counts.abandoned >= 1)
                #expect(try await bench.state(job.id) == .succeeded(result: "in time"), "the late end changed nothing")
            }
        }

        @Test(arguments: Ground.allCases)
        func aWorkerThatStopsLetsWhatRunsFinish(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, jobs) = (Runs(), try (0..<3).map { try bench.note($0) })
                try await bench.enqueue(jobs)
                let worker = bench.worker(
                    .notes(runs) { _ in
                        try await gracefulShutdown()
                        return .succeeded()
                    }
                ) { $0.slots = 2 }
                try await running(worker) {
                    try await bench.comesTrue("they run") { runs.all.count == 2 }
                }
                #expect(worker.counts.done == 2)
                #expect(try await bench.state(jobs[1].id) == .succeeded(result: nil))
                #expect(try await bench.state(jobs[2].id) == .queued)
            }
        }

        @Test(arguments: Ground.allCases)
        func aWorkerInAHurryHandsBackWhatRunsAsIfItHadNotBegun(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (runs, gate, job) = (Runs(), Gate(), try bench.note())
                try await bench.enqueue(job)
                let worker = bench.worker(
                    .notes { _ in
                        try await gate.pass()
                        return .succeeded()
                    }
                ) { $0.lease = .seconds(3600) }
                try await running(worker) {
                    try await bench.comesTrue("it runs") { gate.arrived == 1 }
                    worker.skipDrain()
                }
                #expect(worker.counts.released == 1)
                #expect(try await bench.state(job.id) == .queued)
                #expect(try await bench.store.sweep(bench.queue) == [], "it left the group")

                try await running(bench.worker(.notes(runs)) { $0.lease = .seconds(3600) }) {
                    try await bench.comesTrue("another does it") { try await bench.state(job.id)?.isSuccess ?? false }
                }
                #expect(runs.deliveries == [1])
            }
        }
    }
}
