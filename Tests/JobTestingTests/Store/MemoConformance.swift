import JobRuntime
import Testing

extension Conformance {
    /// What a handler leaves for the next attempt travels with the job, wherever it goes.
    @Suite struct Memos {
        private let meta: JobMeta = {
            var meta = JobMeta()
            meta.memo = #"{"asked":"ä \"1\""}"#
            return meta
        }()

        @Test(arguments: Ground.allCases, [true, false])
        func aMemoOutlivesRetrySnoozeParkAndRedrive(ground: Ground, tracked: Bool) async throws {
            try await withStore(ground, tracked: tracked) { bench in
                var job = try await bench.delivered()
                _ = try await bench.settle(
                    .delay(.init(.retrying, wait: .zero, attempt: 2, text: "busy", meta: meta)), job)
                for verb in [Settlement.Verb.snooze(), .park(), .retry(attempt: 3)] {
                    try await bench.promote(.retry)
                    job = try await bench.deliver(1, to: "a")
                    #expect(job.map(\.meta.memo) == [meta.memo], "before \(verb)")
                    _ = try await bench.settle(verb, job)
                }
                try await bench.promote(.retry)
                job = try await bench.deliver(1, to: "a")
                _ = try await bench.settle(.unknown, job)
                #expect(try await bench.letters().map(\.meta.memo) == [meta.memo])
                #expect(try await bench.store.redrive(try await bench.letters(), of: "work") == [true])
                job = try await bench.deliver(1, to: "a")
                #expect(job.map(\.meta.memo) == [meta.memo])
                #expect(job.map { $0.meta.redrivenAt != nil } == [true])
            }
        }

        /// What the handlers say, over several attempts, and what the next one sees.
        @Test(arguments: Ground.allCases)
        func aHandlerSeesWhatTheOneBeforeItLeft(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let runs = Runs()
                let job = try bench.note()
                try await bench.enqueue(job)
                let worker = bench.worker(
                    .notes(runs, policy: .init(backoff: .schedule([.zero]), maximumAttempts: 9)) { attempt in
                        switch (attempt.number, attempt.meta.snoozes) {
                        case (1, _): .retry(error: "1", memo: "a")
                        case (2, _): .retry(error: "2")
                        case (3, 0): .snooze(for: .zero, reason: "3")
                        case (3, 1): .snooze(for: .zero, reason: "4", memo: "b")
                        case (3, _): .retry(error: "5", memo: "")
                        default: .succeeded()
                        }
                    })
                try await running(worker) {
                    try await bench.comesTrue("it ends") { try await bench.state(job.id) == .succeeded(result: nil) }
                }
                #expect(runs.all.map(\.meta.memo) == [nil, "a", "a", "a", "b", nil])
            }
        }
    }
}
