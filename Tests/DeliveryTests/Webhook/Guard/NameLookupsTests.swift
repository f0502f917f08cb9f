import Dispatch
import TestSupport
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(5))) struct NameLookupsTests {
    private let one = IPAddress.v4(0x0101_0101)

    /// A resolver that answers nobody before it is told to.
    private final class Gate: Sendable {
        let calls = Locked<[String]>([])
        private let gate = DispatchSemaphore(value: 0)

        var resolver: NameResolver {
            NameResolver { host in
                self.calls.update { $0.append(host) }
                self.gate.wait()
                return [.v4(0x0101_0101)]
            }
        }

        func open() { for _ in 0..<100 { gate.signal() } }
    }

    private func with(
        _ resolver: NameResolver, maximum: Int = 500, _ body: (NameLookups) async throws -> Void
    ) async throws {
        let lookups = NameLookups(resolver, maximum: maximum)
        defer { lookups.shutdown() }
        try await body(lookups)
    }

    @Test func whoeverAsksForTheSameHostSharesItsAnswer() async throws {
        let gate = Gate()
        try await with(gate.resolver) { lookups in
            async let first = lookups.addresses(of: "a.test", within: .seconds(50))
            async let second = lookups.addresses(of: "a.test", within: .seconds(50))
            async let third = lookups.addresses(of: "b.test", within: .seconds(50))
            try await eventually("both hosts are being looked up") { gate.calls.value.count == 2 }
            gate.open()
            #expect(try await [first, second, third] == [[one], [one], [one]])
            // The second may have come when the first was answered.
            #expect(Set(gate.calls.value) == ["a.test", "b.test"])
            // And the next asks anew.
            let before = gate.calls.value.count
            try await eventually("the answer is forgotten") {
                _ = try await lookups.addresses(of: "a.test", within: .seconds(50))
                return gate.calls.value.count > before
            }
        }
    }

    @Test func nobodyWaitsLongerThanTheTimeOut() async throws {
        let gate = Gate()
        try await with(gate.resolver) { lookups in
            // More hosts than threads.
            for number in 0..<40 {
                await #expect(throws: LookupFailure.timedOut) {
                    try await lookups.addresses(of: "\(number).test", within: .milliseconds(1))
                }
            }
            gate.open()
            let answer = try await lookups.addresses(of: "0.test", within: .seconds(50))
            #expect(answer == [one])
        }
    }

    @Test func aCancelledLookupEndsAtOnce() async throws {
        let gate = Gate()
        try await with(gate.resolver) { lookups in
            let task = Task { try await lookups.addresses(of: "a.test", within: .seconds(50)) }
            try await eventually("it has begun") { !gate.calls.value.isEmpty }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            gate.open()
        }
    }

    @Test func lookupsAreBounded() async throws {
        let gate = Gate()
        try await with(gate.resolver, maximum: 2) { lookups in
            for host in ["a.test", "b.test"] {
                await #expect(throws: LookupFailure.timedOut) {
                    try await lookups.addresses(of: host, within: .milliseconds(1))
                }
            }
            await #expect(throws: LookupFailure.tooMany) {
                try await lookups.addresses(of: "c.test", within: .seconds(50))
            }
            gate.open()
            try await eventually("there is room again") {
                (try? await lookups.addresses(of: "c.test", within: .seconds(50))) == [one]
            }
        }
    }

    @Test func afterTheEndNothingIsLookedUp() async throws {
        let lookups = NameLookups(NameResolver { _ in [.v4(1)] })
        lookups.shutdown()
        await #expect(throws: (any Error).self) { try await lookups.addresses(of: "a.test", within: .seconds(50)) }
    }

    @Test(arguments: ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1"])
    func theSystemsResolverReadsOddForms(host: String) throws {
        #expect(try Set(NameResolver.system.addresses(host)) == [.v4(0x7F00_0001)])
    }

    @Test func theSystemsResolverKnowsThisMachineAndIPv6() throws {
        let found = try NameResolver.system.addresses("localhost")
        #expect(!found.isEmpty && found.allSatisfy { [.v4(0x7F00_0001), .v6(1)].contains($0) })
        #expect(try Set(NameResolver.system.addresses("fd00::7")) == [.v6(0xFD << 120 | 7)])
        #expect(throws: LookupFailure.noAddress) { try NameResolver.system.addresses("no such host") }
    }
}
