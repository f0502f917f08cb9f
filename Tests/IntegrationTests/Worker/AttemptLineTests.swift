import Logging
import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    /// One line for each attempt, however it ends, and no second one.
    @Suite struct AttemptLineTests {
        private struct Broken: Error {}

        /// A way for an attempt to end, with what its line says.
        private enum Way: Int, CaseIterable {
            case succeeded, retried, threw, snoozed, dead, unknown, expired, discarded

            var outcome: (name: String, level: String, message: String) {
                switch self {
                case .succeeded: ("succeeded", "info", "Successfully processed message: ")
                case .retried, .threw: ("retrying", "info", "Message will be tried again: ")
                case .snoozed: ("snoozed", "info", "Message was put off: ")
                case .dead: ("dead", "warning", "Message is a dead letter: ")
                case .unknown: ("unknown", "warning", "Message is held, since it may have had its effect: ")
                case .expired: ("expired", "warning", "Message has expired: ")
                case .discarded: ("discarded", "info", "Message was discarded: ")
                }
            }

            func run() throws -> Outcome {
                switch self {
                case .succeeded: .succeeded()
                case .retried: .retry(error: "busy", after: .seconds(3600))
                case .threw: throw Broken()
                case .snoozed: .snooze(for: .seconds(3600), reason: "later")
                case .dead: .dead(reason: .permanent, error: "no such number")
                case .unknown: .unknown(error: "cut off")
                case .expired: .expired(error: "too late")
                case .discarded: .discarded(reason: .permanent, error: "not wanted")
                }
            }
        }

        private let patient = RetryPolicy(backoff: .schedule([.seconds(3600)]), maximumAttempts: 5)

        @Test func everyEndHasOneLine() async throws {
            let trace = "0af7651916cd43dd8448eb211c80319c"
            try await withBench { bench in
                let lines = LogLines()
                let handlers = JobHandlers.notes(Runs(), policy: patient) { note, attempt in
                    attempt.note("provider", "pigeon")
                    return try #require(Way(rawValue: note.number)).run()
                }
                var ids: [String: Way] = [:]
                for way in Way.allCases {
                    var job = try NewJob(Note(number: way.rawValue), queue: bench.queue)
                    job.meta.trace = ["traceparent": "00-\(trace)-b7ad6b7169203331-01"]
                    ids["\(try await bench.client.enqueue(job).id)"] = way
                }
                let worker = bench.worker(handlers, logger: lines.logger) { $0.noun = "message" }
                try await running(worker) {
                    try await eventually("all have ended") { lines.ends.count >= ids.count }
                }
                #expect(lines.ends.count == ids.count)
                for line in lines.ends {
                    let id = try #require(line.metadata["job"])
                    let found = ids.removeValue(forKey: id)
                    let way = try #require(found)
                    #expect(line.message == way.outcome.message + id && line.level == way.outcome.level)
                    #expect(line.metadata["outcome"] == way.outcome.name)
                    #expect(line.metadata["queue"] == "work" && line.metadata["kind"] == Note.kind)
                    #expect(line.metadata["consumer"] == worker.consumer)
                    #expect(line.metadata["attempt"] == "1" && line.metadata["deliveries"] == "1")
                    #expect(line.metadata["trace"] == trace && line.metadata["provider"] == "pigeon")
                    #expect(line.metadata["duration_ms"].flatMap(Double.init) ?? -1 >= 0)
                    #expect(lines.all.count { $0.metadata["job"] == id } == 1, "and no other line tells of it")
                }
                #expect(ids.isEmpty)
            }
        }

        @Test func whatWasNotRunHasOneLine() async throws {
            try await withBench { bench in
                let lines = LogLines()
                try await bench.redis.ask("XADD", bench.stream, "*", "a", "b")
                var strange = try NewJob(Note(number: 1), queue: bench.queue)
                strange.kind = "nobody's"
                _ = try await bench.client.enqueue(strange)
                try await running(bench.worker(.notes(Runs()), logger: lines.logger)) {
                    try await eventually("both have ended") { lines.ends.count >= 2 }
                }
                #expect(Set(lines.ends.compactMap { $0.metadata["outcome"] }) == ["dead", "parked"])
                #expect(lines.ends.contains { $0.metadata["reason"] == "undecodable" && $0.metadata["entry"] != nil })
            }
        }

        @Test func aFencedAttemptHasOneLine() async throws {
            try await withBench { bench in
                let lines = LogLines()
                let handlers = JobHandlers.notes(Runs()) { _, _ in
                    // Somebody else takes the entry meanwhile.
                    let pending = try await bench.redis.ask("XPENDING", bench.stream, KeySpace.group, "-", "+", "1")
                    let entry = try #require(pending.array?.first?.array?.first?.string)
                    try await bench.redis.ask("XCLAIM", bench.stream, KeySpace.group, "other", "0", entry)
                    return .succeeded()
                }
                let id = try await bench.enqueue(1)[0]
                try await running(bench.worker(handlers, logger: lines.logger)) {
                    try await eventually("it has ended") { !lines.ends.isEmpty }
                }
                let line = try #require(lines.ends.first)
                #expect(lines.ends.count == 1 && line.metadata["outcome"] == "fenced" && line.level == "warning")
                #expect(line.message == "Settlement fenced, the job is another worker's: \(id)")
            }
        }
    }
}

extension LogLines {
    /// Those that tell how an attempt ended.
    fileprivate var ends: [Line] { all.filter { $0.metadata["outcome"] != nil } }
}
