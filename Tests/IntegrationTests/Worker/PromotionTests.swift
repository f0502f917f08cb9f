import Redis
import TestSupport
import Testing

@testable import JobRuntime

extension WorkerTests {
    /// Jobs whose time has come, one or very many.
    @Suite struct PromotionTests {
        /// Not before its time by Redis's clock, and soon after.
        @Test(arguments: DelayedSet.allCases)
        func aDelayedJobIsRunWhenItsTimeHasCome(set: DelayedSet) async throws {
            try await withBench { bench in
                let (wait, begun) = (Duration.milliseconds(400), Locked<Int64?>(nil))
                let policy = RetryPolicy(backoff: .schedule([wait]), maximumAttempts: 2)
                let handlers = JobHandlers.notes(Runs(), policy: policy) { _, attempt in
                    if set == .retry, attempt.number == 1 { return .retry(error: "busy") }
                    begun.value = try await bench.redis.now()
                    return .succeeded()
                }
                try await running(bench.worker(handlers)) {
                    let id = try await bench.enqueue(1, start: set == .scheduled ? .after(wait) : .now)[0]
                    try await eventually("it is run") { begun.value != nil }
                    let due = try #require(try await bench.record(id)["due"].flatMap { Int64($0) })
                    let at = try #require(begun.value)
                    #expect(at >= due)
                    #expect(at < due + 10_000, "looked for every 75 ms")
                }
            }
        }

        /// A hundred thousand jobs are due at once, which could be moved faster than a worker does them: whoever
        /// enqueues now still waits for about a thousand of them only.
        @Test func aFloodOfDueJobsDoesNotStandBeforeLiveOnes() async throws {
            try await withBench(tracked: false) { bench in
                let flood = 100_000
                try await makeDue(flood, in: bench)
                // A live job → how many of the flood were begun before it.
                let (floods, live) = (Locked(0), Locked<[Int: Int]>([:]))
                let handlers = JobHandlers.notes(Runs()) { note, _ in
                    if note.number < flood {
                        floods.update { $0 += 1 }
                        try await Task.sleep(for: .milliseconds(1))  // allowed: the work of the job
                    } else {
                        let before = floods.value
                        live.update { $0[note.number] = before }
                    }
                    return .succeeded()
                }
                try await running(bench.worker(handlers) { $0.slots = 16 }) {
                    try await eventually("the flood runs") { floods.value > 1000 }
                    for number in flood..<flood + 10 {
                        let before = floods.value
                        try await bench.enqueue(1, from: number)
                        try await eventually("it is run") { live.value[number] != nil }
                        // A thousand, the pages that were on their way, and what trickles in all the same.
                        #expect(try #require(live.value[number]) - before < Self.most, "so many went before it")
                        #expect(try await bench.length() < Self.most)
                    }
                    #expect(try await bench.scheduledCount() > Int64(flood / 4), "long before the flood is over")
                    let then = floods.value
                    try await eventually("the flood goes on") { floods.value > then + 1000 }
                }
            }
        }

        private static let most = 4000

        /// Puts jobs into the scheduled set as enqueue.lua does, all of them due: through the client it takes a minute.
        private func makeDue(_ count: Int, in bench: Bench) async throws {
            let script = RedisScript(
                name: "flood",
                source: """
                    for i = ARGV[1], ARGV[2] do
                        local id = string.format('00000000-0000-7000-8000-%012x', i)
                        redis.call('ZADD', KEYS[1], 1, id)
                        redis.call('HSET', ARGV[3] .. id, 'state', 'scheduled', 'queue', 'work', 'attempt', '1',
                            'at', '1', 'kind', 'note', 'payload', '{"number":' .. i .. '}', 'meta', '{}',
                            'untracked', '1')
                    end
                    """)
            for first in stride(from: 0, to: count, by: 10_000) {
                var call = ScriptCall(script)
                call.key(bench.keys.scheduled("work"))
                call.words("\(first)", "\(first + 9999)", bench.keys.prefix + "job:")
                _ = try await bench.redis.run(call)
            }
        }
    }
}
