import JobRuntime
import Messaging
import Redis
import TestSupport
import Testing

@testable import Delivery

/// What the ledger hears of the list, in the step that changes it.
@Suite(.timeLimit(.minutes(5))) struct SuppressionEventTests {
    private struct Bench {
        let state: DeliveryState
        let list: SuppressionList
        let group: EventGroup

        /// Reads what the ledger has not yet read.
        func told() async throws -> [[String: String]] {
            let events = try await group.read(count: 100, wait: .zero)
            await group.close()
            return events.map { event in
                guard case .other(let type, let fields) = event.content else { return ["unread": "\(event)"] }
                return fields.merging(["type": type]) { $1 }
            }
        }

        func now() async throws -> Int64 {
            let time = try await state.redis.send(RedisCommand("TIME")).array ?? []
            return try #require(time.first?.int) * 1000 + #require(time.last?.int) / 1000
        }
    }

    private func withBench(keepsEvents: Bool = true, _ body: (Bench) async throws -> Void) async throws {
        let server = try await PrivateRedis.shared()
        try await withClient(server.configuration) { redis in
            let keys = freshKeys()
            let state = DeliveryState(redis: redis, keys: keys, keepsEvents: keepsEvents)
            let group = EventGroup(redis: redis, keys: keys, consumer: "ledger", logger: .quiet)
            try await body(Bench(state: state, list: SuppressionList(state), group: group))
        }
    }

    private let stop = Suppression(address: "+15558675309", kind: .phone, reason: .stop, at: 5)

    @Test func whatIsPutThereAndTakenOffIsToldOnce() async throws {
        try await withBench { bench in
            let mail = Suppression(address: "Ann@Example.com", kind: .email, reason: .hardBounce, at: 1)
            let before = try await bench.now()
            #expect(try await bench.list.add(mail))
            #expect(try await !bench.list.add(mail))
            #expect(try await bench.list.remove(.email, "ANN@example.com"))
            #expect(try await !bench.list.remove(.email, "ann@example.com"))
            let told = try await bench.told()
            let common = ["kind": "email", "address": "ann@example.com"]
            #expect(
                told.map { $0.filter { $0.key != "said" && $0.key != "at" } } == [
                    common.merging(["type": "suppressed", "reason": "hard_bounce"]) { $1 },
                    common.merging(["type": "allowed"]) { $1 },
                ])
            let after = try await bench.now()
            for event in told {
                #expect(event["said"] == event["at"])
                #expect((before...after).contains(try #require(event["at"].flatMap { Int64($0) })))
            }
        }
    }

    @Test func theWordOfAnOwnerIsToldWhenItCounts() async throws {
        try await withBench { bench in
            try await bench.list.hear(.suppress(stop), at: 10)
            try await bench.list.hear(.allow(address: stop.address, kind: .phone), at: 10)
            try await bench.list.hear(.allow(address: stop.address, kind: .phone), at: 9)
            try await bench.list.hear(.suppress(stop), at: 10)
            #expect(
                try await bench.told().map { [$0["type"], $0["said"], $0["reason"]] } == [["suppressed", "10", "stop"]])
            // A later word counts, though the list stays as it is.
            try await bench.list.hear(.suppress(stop), at: 20)
            try await bench.list.hear(.allow(address: stop.address, kind: .phone), at: 30)
            let told = try await bench.told()
            #expect(
                told.map { [$0["type"], $0["said"], $0["reason"]] } == [
                    ["suppressed", "20", "stop"], ["allowed", "30", nil],
                ])
            #expect(told.allSatisfy { $0["kind"] == "phone" && $0["address"] == stop.address })
            let now = try await bench.now()
            for event in told {
                #expect((now - 60_000...now).contains(try #require(event["at"].flatMap { Int64($0) })))
            }
        }
    }

    /// A no that was said before a removal, and told after it: it stands on the list, and so it does in the ledger.
    @Test func theLastEventIsHowItStands() async throws {
        try await withBench { bench in
            try await bench.list.hear(.suppress(stop), at: 10)
            try await bench.list.remove(.phone, stop.address)
            try await bench.list.hear(.suppress(stop), at: 10)
            #expect(try await bench.list.find(.phone, stop.address) != nil)
            #expect(try await bench.told().map { $0["type"] } == ["suppressed", "allowed", "suppressed"])
        }
    }

    /// Who puts themselves on it and off it again leaves what somebody else has put there: that is what is told.
    @Test func whatTheOwnerCannotTakeBackIsToldAsItStands() async throws {
        try await withBench { bench in
            try await bench.list.add(Suppression(address: stop.address, kind: .phone, reason: .manual, at: 1))
            try await bench.list.hear(.suppress(stop), at: 10)
            try await bench.list.hear(.allow(address: stop.address, kind: .phone), at: 20)
            let told = try await bench.told()
            #expect(told.map { $0["type"] } == ["suppressed", "suppressed", "suppressed"])
            #expect(told.allSatisfy { $0["reason"] == "manual" })
            #expect(told.dropFirst().map { $0["said"] } == ["10", "20"])
        }
    }

    @Test func whatSomebodyWroteByHandIsTold() async throws {
        try await withBench { bench in
            let list = bench.state.keys.suppressions(.phone)
            _ = try await bench.state.redis.send(RedisCommand("HSET", list, stop.address, "do not call"))
            try await bench.list.hear(.suppress(stop), at: 10)
            #expect(try await bench.told().map { $0["reason"] } == ["manual"])
        }
    }

    @Test func withoutALedgerNothingIsTold() async throws {
        try await withBench(keepsEvents: false) { bench in
            try await bench.list.add(stop)
            try await bench.list.hear(.suppress(stop), at: 10)
            try await bench.list.hear(.allow(address: stop.address, kind: .phone), at: 20)
            try await bench.list.remove(.phone, stop.address)
            let events = try await bench.state.redis.send(RedisCommand("EXISTS", bench.state.keys.events))
            #expect(events.int == 0)
        }
    }
}
