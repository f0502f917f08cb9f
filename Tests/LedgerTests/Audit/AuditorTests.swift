import JobRuntime
import Messaging
import NIOCore
import Postgres
import Redis
import TestSupport
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct AuditorTests {
    private struct NoList: SuppressionKeeper {
        func isSuppressed(_ kind: Suppression.Kind, _ address: String) async throws -> Bool { false }
        func suppress(_ suppression: Suppression) async throws {}
    }

    /// A message whose record and entry are gone, one whose record alone is, and one that just waits.
    @Test func onlyWhatIsNowhereIsPutBack() async throws {
        try await withLiveLedger { live in
            let ids = try await live.accept(3)
            try await live.projecting {
                try await eventually("all are kept") { try await live.backlog().length == 0 }
            }
            // Long ago: they are on no way into a queue any more.
            try await live.bench.postgres.perform {
                try $0.script("UPDATE messages SET accepted_at = accepted_at - interval '1 hour'")
            }
            let stream = live.keys.stream(live.queue.name)
            let entries = try await live.redis.send(RedisCommand("XRANGE", stream, "-", "+")).array ?? []
            _ = try await live.redis.send(RedisCommand("XDEL", stream, entries[0].array?[0].string ?? ""))
            for id in ids[0...1] { _ = try await live.redis.send(RedisCommand("DEL", live.keys.record(id))) }

            var options = RedisStoreOptions()
            options.keepsEvents = true
            let auditor = Auditor(
                postgres: live.bench.postgres, store: .redis(live.redis, keys: live.keys, options: options),
                events: live.group(), suppressions: NoList(), logger: .quiet)
            let before = try await auditor.run()
            #expect(before.missing.map(\.id) == [ids[0]])
            #expect(before.behind.map(\.id) == [ids[1]])
            #expect(before.open == [.waiting: 1] && before.accepted == 3 && !before.isBalanced)

            let repair = try await auditor.run(repairs: true).repair
            #expect(repair?.restored == [ids[0]] && repair?.left.isEmpty == true)
            #expect(try await live.redis.send(RedisCommand("XLEN", stream)).int == 3, "none twice")
            let payload = try await live.jobs.record(of: ids[0])?.payload.map { String(buffer: $0) }
            #expect(payload == #"{"from":"+15550001","to":"+15550002","body":"Hi"}"#)
        }
    }

    /// Two requests whose jobs the journal has and Redis never had; one is made again before the audit, one after it.
    @Test func whatWasAskedForAgainIsSentOnce() async throws {
        try await withLiveLedger { live in
            let journal = AcceptanceJournal(postgres: live.bench.postgres, logger: .quiet)
            func request(_ key: String) -> NewJob {
                var job = NewJob(
                    queue: live.queue, kind: "sms",
                    payload: ByteBuffer(string: #"{"from":"+15550001","to":"+15550002","body":"\#(key)"}"#))
                job.idempotency = .init(key: key, fingerprint: "f")
                return job
            }
            let (early, late) = (request("early"), request("late"))
            for result in await journal.record([early, late]) { try result.get() }
            let again = try await live.jobs.enqueue(request("early"))
            #expect(!again.isDuplicate, "Redis never had the first")
            try await live.projecting {
                try await eventually("all are kept") { try await live.backlog().length == 0 }
            }
            try await live.bench.postgres.perform {
                try $0.script(
                    """
                    UPDATE messages SET accepted_at = accepted_at - interval '1 hour',
                        updated_at = updated_at - interval '1 hour'
                    """)
            }
            var options = RedisStoreOptions()
            options.keepsEvents = true
            let auditor = Auditor(
                postgres: live.bench.postgres, store: .redis(live.redis, keys: live.keys, options: options),
                events: live.group(), suppressions: NoList(), logger: .quiet)
            let repair = try #require(try await auditor.run(repairs: true).repair)
            #expect(repair.withdrawn == [early.id] && repair.restored == [late.id] && repair.left.isEmpty)
            let repetition = try await live.jobs.enqueue(request("late"))
            #expect(repetition.isDuplicate && repetition.id == late.id)
            let stream = live.keys.stream(live.queue.name)
            #expect(try await live.redis.send(RedisCommand("XLEN", stream)).int == 2)
            let after = try await auditor.run()
            #expect(after.missing.isEmpty && after.accepted == 2)
        }
    }
}
