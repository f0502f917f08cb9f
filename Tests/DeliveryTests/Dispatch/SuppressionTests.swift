import JobRuntime
import JobTesting
import Messaging
import Redis
import TestSupport
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(5))) struct SuppressionTests {
    typealias Scripted = ScriptedProvider

    @Test func whoIsOnTheListGetsNothingAndTheReasonIsKept() async throws {
        let one = Scripted("one")
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            try await bench.suppressions.add(Suppression(address: sms.to, kind: .phone, reason: .stop, at: 5))
            let id = try await bench.run()
            #expect(bench.status(of: id) == .suppressed)
            #expect(bench.runtime.record(of: id)?.error?.contains("(stop)") == true)
            #expect(bench.runtime.deadLetters(of: DispatchBench.queue).isEmpty)
            #expect(one.sent == 0)

            #expect(try await bench.suppressions.remove(.phone, sms.to))
            let next = try await bench.run()
            #expect(bench.status(of: next) == .sent)
        }
    }

    @Test func whoHasOptedOutAtTheProviderGoesOnTheList() async throws {
        let one = Scripted("one", .refused(Scripted.fault("opted out", suppresses: .optedOut)))
        try await withDispatcher(one) { (bench: DispatchBench) async throws in
            let first = try await bench.run()
            #expect(bench.status(of: first) == .suppressed)
            let found = try #require(try await bench.suppressions.find(.phone, sms.to))
            #expect(found == Suppression(address: sms.to, kind: .phone, reason: .optedOut, at: 1_800_000_000_000))
            let second = try await bench.run()
            #expect(bench.status(of: second) == .suppressed)
            #expect(one.sent == 1)
        }
    }

    @Test func theFirstReasonStays() async throws {
        try await withDispatcher(Scripted()) { (bench: DispatchBench) async throws in
            let list = bench.suppressions
            #expect(
                try await list.add(Suppression(address: "Ann@Example.com", kind: .email, reason: .hardBounce, at: 1)))
            #expect(
                try await !list.add(Suppression(address: "ann@example.COM", kind: .email, reason: .spamReport, at: 2)))
            #expect(try await list.find(.email, "ANN@example.com")?.reason == .hardBounce)
            #expect(try await list.find(.phone, "ann@example.com") == nil)
            #expect(try await !list.remove(.email, "bob@example.com"))
        }
    }

    @Test func theListIsReadPageByPage() async throws {
        try await withDispatcher(Scripted()) { (bench: DispatchBench) async throws in
            let all = (0..<700).map {
                Suppression(address: "+1555\(1_000_000 + $0)", kind: .phone, reason: .manual, at: Int64($0))
            }
            for suppression in all { try await bench.suppressions.add(suppression) }
            #expect(try await bench.suppressions.count(.phone) == 700)
            var found: [Suppression] = []
            var cursor: String?
            repeat {
                let page = try await bench.suppressions.page(.phone, after: cursor)
                #expect(page.suppressions.count < 700)
                found += page.suppressions
                cursor = page.next
            } while cursor != nil
            #expect(Set(found.map(\.address)) == Set(all.map(\.address)))
            #expect(found.allSatisfy { $0.reason == .manual })
        }
    }

    @Test func whatSomebodyWroteByHandSuppressesToo() async throws {
        try await withDispatcher(Scripted()) { (bench: DispatchBench) async throws in
            _ = try await bench.state.redis.send(
                .init("HSET", bench.state.keys.suppressions(.phone), sms.to, "do not call"))
            #expect(try await bench.suppressions.find(.phone, sms.to)?.reason == .manual)
        }
    }
}
