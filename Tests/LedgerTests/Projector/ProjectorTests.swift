import JobRuntime
import NIOCore
import Postgres
import Redis
import TestSupport
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(5))) struct ProjectorTests {
    @Test func whatIsAcceptedIsInTheLedgerAndGoneFromTheStream() async throws {
        try await withLiveLedger { live in
            let ids = try await live.accept(500)
            try await live.projecting {
                try await eventually("all are kept") { try await live.count("messages") == 500 }
                try await eventually("and acknowledged") { try await live.backlog().length == 0 }
            }
            #expect(try await live.count("messages", where: "id = '\(ids[7])' AND status = 'pending'") == 1)
            #expect(try await live.count("conversations") == 1)
            // A projector that was stopped leaves nothing behind.
            let groups = try await live.redis.send(RedisCommand("XINFO", "CONSUMERS", live.keys.events, "ledger"))
            #expect(groups.array?.isEmpty == true)
        }
    }

    @Test func severalProjectorsKeepEachMessageOnce() async throws {
        try await withLiveLedger { live in
            try await live.projecting(3) {
                for _ in 0..<20 { try await live.accept(100) }
                try await eventually("all are kept") { try await live.backlog().length == 0 }
            }
            #expect(try await live.count("messages", where: "accepted_at IS NOT NULL") == 2000)
        }
    }

    @Test func whileItIsDownEventsWaitAndThenAreKeptOnce() async throws {
        let server = try await PrivatePostgres()
        try await withLiveLedger(postgres: server) { live in
            try await live.projecting(2) {
                try await live.accept(100)
                try await eventually("the first are kept") { try await live.count("messages") == 100 }
                await server.kill()
                try await live.accept(300)
                try await eventually("they are read, and wait") { try await live.backlog().pending > 0 }
                try await server.start()
                try await eventually("all are kept") {
                    let kept = try? await live.count("messages")
                    return kept == 400
                }
                try await eventually("and acknowledged") { try await live.backlog().length == 0 }
            }
        }
    }

    @Test func aFrozenServerHoldsUpTheEventsOnlyAsLongAsItIsFrozen() async throws {
        let server = try await PrivatePostgres()
        try await withLiveLedger(postgres: server) { live in
            try await live.projecting {
                try await live.accept(10)
                try await eventually("the first are kept") { try await live.count("messages") == 10 }
                server.freeze()
                try await live.accept(10)
                try await eventually("they are read, and wait") { try await live.backlog().pending > 0 }
                server.thaw()
                try await eventually("all are kept") {
                    try await live.backlog().length == 0
                }
            }
            #expect(try await live.count("messages") == 20)
        }
    }

    @Test func whatADeadProjectorHadReadIsTakenOver() async throws {
        try await withLiveLedger { live in
            try await live.accept(50)
            let dead = live.group("dead")
            #expect(try await dead.read(count: 30, wait: .zero).count == 30)
            await dead.close()
            // As if it had been read long ago.
            let pending = try await live.redis.send(
                RedisCommand("XPENDING", live.keys.events, "ledger", "-", "+", "100"))
            for row in pending.array ?? [] {
                _ = try await live.redis.send(
                    RedisCommand(
                        "XCLAIM", live.keys.events, "ledger", "dead", "0", row.array?[0].string ?? "", "IDLE",
                        "3600000", "JUSTID"))
            }
            try await live.projecting {
                try await eventually("all are kept") { try await live.count("messages") == 50 }
                try await eventually("and acknowledged") { try await live.backlog().length == 0 }
            }
        }
    }

    /// One event that Postgres refuses for what is in it, one that is no event, and one that nobody knows, among others.
    @Test func poisonIsSetAsideAndHoldsUpNothing() async throws {
        try await withLiveLedger { live in
            try await live.accept(40)
            let payload = ByteBuffer(string: #"{"from":"\u0000","to":"+15550002","body":"x"}"#)
            let poison = NewJob(queue: live.queue, kind: "sms", payload: payload)
            _ = try await live.jobs.enqueue(poison)
            let long =
                #"{"from":"+1","to":"\#(String((0..<9000).map { _ in "abcdefghijklmnop0123456789".randomElement() ?? "a" }))"}"#
            _ = try await live.jobs.enqueue(
                NewJob(queue: live.queue, kind: "sms", payload: ByteBuffer(string: long)))
            _ = try await live.redis.send(RedisCommand("XADD", live.keys.events, "*", "what", "ever"))
            try await live.accept(40)
            try await live.projecting {
                try await eventually("the others are kept") { try await live.count("messages") == 80 }
                try await eventually("and nothing is held up") { try await live.backlog().length == 0 }
            }
            #expect(try await live.count("rejected_events") == 3)
            #expect(try await live.count("rejected_events", where: "sql_state IS NOT NULL") == 2)
            #expect(try await live.count("rejected_events", where: "fields::text LIKE '%\(poison.id)%'") == 1)
        }
    }

    @Test func theLossOfThePartsIsNoticed() async throws {
        try await withLiveLedger { live in
            try await live.projecting {
                try await live.accept(5)
                try await eventually("kept") { try await live.count("messages") == 5 }
                try await live.bench.postgres.perform { session in
                    let parts = try session.query("SELECT part FROM ledger_parts").map { try $0.text("part") }
                    for part in parts { try session.script("DROP TABLE \(part)") }
                }
                try await live.accept(5)
                try await eventually("kept in new parts") { try await live.count("messages") == 5 }
            }
            #expect(try await live.count("rejected_events") == 0)
        }
    }
}
