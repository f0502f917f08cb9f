import Postgres
import ServiceLifecycle
import TestSupport
import Testing

@Suite struct PoolTests {
    @Test func moreTasksThanConnections() async throws {
        let client = try await freshClient(connections: 3)
        let processes = try await withThrowingTaskGroup(of: (Int64, Int64).self) { group in
            for number in 0..<200 as Range<Int64> {
                group.addTask {
                    try await client.perform { session in
                        let row = try session.query("SELECT $1 AS n, pg_backend_pid() AS process", [.int(number)])[0]
                        return (try row.int("n"), try row.int("process"))
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(processes.keys.sorted() == Array(0..<200))
        #expect(Set(processes.values).count <= 3)
    }

    @Test func connectionsAreMadeOnDemandAndKept() async throws {
        let client = try await freshClient(connections: 4)
        let name = client.configuration.database
        for _ in 0..<5 { try await client.perform { _ = try $0.query("SELECT 1") } }
        let count = try await client.perform { session in
            try session.query("SELECT count(*) AS n FROM pg_stat_activity WHERE datname = $1", [.text(name)])[0].int(
                "n")
        }
        #expect(count == 1)
    }

    /// The tasks of the program go on while all connections wait for the server.
    @Test func theCooperativePoolIsNeverBlocked() async throws {
        let client = try await freshClient(connections: 4)
        let gatekeeper = PostgresClient(client.configuration, connections: 2, logger: .quiet)
        let gate = Holder()
        async let closed: Void = gatekeeper.transaction { session in
            try session.query("SELECT pg_advisory_xact_lock(1)")
            gate.hold()
        }
        try await eventually("the gate is closed") { gate.isHeld }
        let passed = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    try await client.perform { _ = try $0.query("SELECT pg_advisory_xact_lock_shared(1)") }
                    passed.update { $0 += 1 }
                }
            }
            try await eventually("all connections wait") {
                let query = PostgresQuery("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                return try await gatekeeper.perform { try $0.query(query).count } == 4
            }
            let ticks = Locked(0)
            group.addTask { for _ in 0..<1000 { await Task.yield(); ticks.update { $0 += 1 } } }
            try await eventually("other tasks run") { ticks.value == 1000 }
            #expect(passed.value == 0)
            gate.release()
            try await group.waitForAll()
        }
        try await closed
        #expect(passed.value == 64)
    }

    @Test func waitingForAConnectionIsBounded() async throws {
        let client = try await sharedClient(connections: 1) { $0.poolTimeout = .milliseconds(50) }
        // Connecting is part of the wait.
        try await eventually("it is connected") { (try? await client.perform { _ in }) != nil }
        let holder = Holder()
        async let held: Void = client.perform { _ in holder.hold() }
        try await eventually("the connection is taken") { holder.isHeld }
        let error = try await failure { try await client.perform { _ in } }
        #expect(error.code == .busy)
        #expect(error.isTransient && !error.mayHaveRun)
        holder.release()
        try await held
        try await client.perform { _ in }
    }

    @Test func aCancelledTaskWaitsNoLonger() async throws {
        let client = try await sharedClient(connections: 1)
        let holder = Holder()
        async let held: Void = client.perform { _ in holder.hold() }
        try await eventually("the connection is taken") { holder.isHeld }
        let waiting = Task { try await client.perform { _ in Issue.record("it has begun") } }
        waiting.cancel()
        let error = try await failure { try await waiting.value }
        #expect(error.code == .cancelled)
        holder.release()
        try await held
    }

    @Test func aBodyThatHasBegunEndsByItself() async throws {
        let client = try await sharedClient(connections: 1)
        let holder = Holder()
        let running = Task {
            try await client.perform { session in
                holder.hold()
                return try session.query("SELECT 1 AS n")[0].int("n")
            }
        }
        try await eventually("it runs") { holder.isHeld }
        running.cancel()
        holder.release()
        #expect(try await running.value == 1)
    }

    @Test func theErrorOfABodyIsItsOwn() async throws {
        struct Own: Error {}
        let client = try await sharedClient(connections: 1)
        await #expect(throws: Own.self) { try await client.perform { _ in throw Own() } }
        try await client.perform { _ in }
    }

    @Test func whatHasBegunEndsBeforeTheClientStops() async throws {
        let client = try await freshClient(connections: 1)
        let holder = Holder()
        let group = ServiceGroup(
            configuration: .init(services: [client], logger: .quiet))
        async let served: Void = group.run()
        async let held = client.perform { session in
            holder.hold()
            return try session.query("SELECT 1 AS n")[0].int("n")
        }
        try await eventually("it runs") { holder.isHeld }
        let waiting = Task { try await client.perform { _ in } }
        await group.triggerGracefulShutdown()
        let refused = try await failure { try await waiting.value }
        #expect(refused.code == .unavailable)
        try await eventually("no more is taken") {
            (try? await failure { try await client.perform { _ in } })?.message == "the client was stopped"
        }
        holder.release()
        #expect(try await held == 1)
        try await served
        let name = client.configuration.database
        let other = PostgresClient(try await PrivatePostgres.shared().configuration, logger: .quiet)
        try await eventually("its connection is closed") {
            try await other.perform { session in
                try session.query("SELECT FROM pg_stat_activity WHERE datname = $1", [.text(name)]).isEmpty
            }
        }
    }

    @Test func aClientThatIsLetGoClosesItsConnections() async throws {
        var client: PostgresClient? = try await freshClient()
        let name = client?.configuration.database ?? ""
        try await client?.perform { _ = try $0.query("SELECT 1") }
        client = nil
        let other = PostgresClient(try await PrivatePostgres.shared().configuration, logger: .quiet)
        try await eventually("its connection is closed") {
            try await other.perform { session in
                try session.query("SELECT FROM pg_stat_activity WHERE datname = $1", [.text(name)]).isEmpty
            }
        }
    }
}
