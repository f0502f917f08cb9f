import JobRuntime
import Testing

extension Conformance {
    /// Who holds an entry, for how long, and who takes it over.
    @Suite struct Leases {
        @Test(arguments: Ground.allCases)
        func whatIsIdleForTheLeaseIsTakenOver(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(2, to: "a")
                let hour = try await bench.reclaim(by: "b", lease: .seconds(3600))
                #expect(hour.delivered.isEmpty)
                try await bench.pass(50)
                let taken = try await bench.reclaim(by: "b", lease: .milliseconds(50)).delivered
                #expect(taken.map(\.job) == jobs.map(\.job))
                #expect(taken.map(\.deliveries) == [2, 2])
                #expect(taken.map(\.attempt) == [1, 1])
                #expect(taken.map(\.payload) == jobs.map(\.payload))
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsExtendedIsNotIdle(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered(to: "a")
                try await bench.pass(40)
                #expect(try await bench.extend(job, by: "a") == [true])
                guard case .running("a", let idle, 1) = try await bench.state(job[0].job) else {
                    Issue.record("extending counts no delivery and changes no owner")
                    return
                }
                if bench.clock != nil { #expect(idle == 0) } else { #expect(idle < 30_000) }
                #expect(try await bench.settle(.done(result: ""), job) == [.settled])
            }
        }

        /// Idle time cannot be compared on a clock that nobody holds still, so a lease is: longer than the time since the
        /// extension, shorter than the time since the delivery.
        @Test func inMemoryTheLeaseCountsFromTheExtension() async throws {
            try await withStore(.memory) { bench in
                let job = try await bench.delivered(to: "a")
                try await bench.pass(40)
                _ = try await bench.extend(job, by: "a")
                try await bench.pass(39)
                #expect(try await bench.reclaim(by: "b", lease: .milliseconds(40)).delivered.isEmpty)
                try await bench.pass(1)
                #expect(try await bench.reclaim(by: "b", lease: .milliseconds(40)).delivered.count == 1)
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsLostIsNotExtended(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(4, to: "a")
                _ = try await bench.settle(.done(result: ""), [jobs[0]])
                _ = try await bench.reclaim(1, by: "b")
                _ = try await bench.settle(.release(isUntouched: true), [jobs[2]])
                #expect(try await bench.extend(jobs, by: "a") == [false, false, false, true])
                guard case .running("b", _, 2) = try await bench.state(jobs[1].job) else {
                    Issue.record("no longer b's")
                    return
                }
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsHandedBackIsTakableAtOnceAsIfItHadNotBeenDelivered(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(3, to: "a")
                #expect(try await bench.settle(.release(isUntouched: true), jobs) == [.settled, .settled, .settled])
                #expect(try await bench.settle(.done(result: ""), jobs) == [.held, .held, .held])
                // Without a scan, and however long the lease.
                let taken = try await bench.reclaim(2, by: "b", lease: .seconds(3600), cursors: nil)
                #expect(taken.delivered.map(\.job) == jobs.prefix(2).map(\.job))
                #expect(taken.delivered.map(\.deliveries) == [1, 1])
                let rest = try await bench.reclaim(2, by: "c", lease: .seconds(3600))
                #expect(rest.delivered.map(\.job) == [jobs[2].job])
                #expect(try await bench.settle(.done(result: ""), rest.delivered, by: "c") == [.settled])
            }
        }

        @Test(arguments: Ground.allCases)
        func whatWasBegunKeepsItsCount(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.settle(.release(isUntouched: false), bench.delivered(to: "a"))
                let taken = try await bench.reclaim(by: "b", lease: .seconds(3600), cursors: nil).delivered
                #expect(taken.map(\.deliveries) == [2])
            }
        }

        @Test(arguments: Ground.allCases)
        func withoutAScanNothingIsTakenThatSomebodyHolds(ground: Ground) async throws {
            try await withStore(ground) { bench in
                _ = try await bench.delivered(to: "a")
                let reclaimed = try await bench.reclaim(by: "b", cursors: nil)
                #expect(reclaimed.delivered.isEmpty)
                #expect(reclaimed.cursors.isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func aScanGoesOnWhereTheLastOneEnded(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(5, to: "a").map(\.job)
                let first = try await bench.reclaim(2, by: "b")
                let second = try await bench.reclaim(2, by: "b", cursors: first.cursors)
                let third = try await bench.reclaim(2, by: "b", cursors: second.cursors)
                #expect(
                    [first, second, third].map { $0.delivered.map(\.job) } == [
                        Array(jobs[0..<2]), Array(jobs[2..<4]), Array(jobs[4...]),
                    ])
                #expect(!first.cursors.isEmpty)
                #expect(third.cursors.isEmpty, "to the end")
            }
        }

        /// One that began at the start each time would look at the same ten entries for ever.
        @Test(arguments: Ground.allCases)
        func theTailIsReachedThoughOthersHoldTheHead(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(25, to: "a")
                try await bench.pass(50)
                _ = try await bench.extend(Array(jobs.dropLast()), by: "a")
                var (taken, cursors, looks) = ([JobID](), [Lane: String](), 0)
                repeat {
                    let found = try await bench.reclaim(
                        1, by: "b", lease: .milliseconds(50), cursors: cursors)
                    taken += found.delivered.map(\.job)
                    (cursors, looks) = (found.cursors, looks + 1)
                } while !cursors.isEmpty && looks < 100
                #expect(taken.contains(jobs[24].job))
                if bench.clock != nil { #expect((taken.count, looks) == (1, 3)) }
            }
        }

        @Test(arguments: Ground.allCases)
        func aLaneThatFillsTheRoomLeavesTheOthersForTheNextCall(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let high = try await bench.delivered(2, to: "a", lane: .high)
                let low = try await bench.delivered(2, to: "a", lane: .low)
                let first = try await bench.reclaim(3, by: "b")
                #expect(first.delivered.map(\.job) == (high + low.prefix(1)).map(\.job))
                #expect(first.delivered.map(\.entry.lane) == [.high, .high, .low])
                let second = try await bench.reclaim(3, by: "b", cursors: first.cursors)
                #expect(second.delivered.contains { $0.job == low[1].job })
            }
        }
    }
}
