import JobRuntime
import TestSupport
import Testing

@testable import Redis

@Suite struct BrokenConnectionTests {
    private let ping = RedisCommand("PING")

    @Test func aBlockingCommandIsAnsweredNullWhenItsTimeIsUp() async throws {
        let connection = try await RedisConnection.connect(PrivateRedis.shared().configuration)
        let command = RedisCommand("BLPOP", freshKeys().stream("list"), "0.1")
        #expect(try await connection.sendBlocking(command, block: .milliseconds(100)) == .null)
        #expect(try await connection.send(ping).string == "PONG")
        await connection.close()
    }

    @Test func aBlockingCommandOfAFrozenServerTimesOutAndTheConnectionIsGivenUp() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.blockingGrace = .milliseconds(200)
        let connection = try await RedisConnection.connect(configuration)
        server.freeze()
        await #expect {
            try await connection.sendBlocking(RedisCommand("BLPOP", "list", "0.1"), block: .milliseconds(100))
        } throws: {
            let error = $0 as? RedisError
            return error?.code == .timedOut && error?.mayHaveRun == true
        }
        await connection.closed()
        await #expect { try await connection.send(ping) } throws: { ($0 as? RedisError)?.mayHaveRun == false }
        server.thaw()
    }

    /// A reader asks for its id, with the time-out of commands, before it blocks for less than that.
    @Test func aShortTimeoutIsKeptOnAConnectionThatHadALongOne() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .seconds(20)
        configuration.blockingGrace = .milliseconds(200)
        let connection = try await RedisConnection.connect(configuration)
        _ = try await connection.send(ping)
        server.freeze()
        let begin = ContinuousClock.now
        await #expect(throws: RedisError.self) {
            try await connection.sendBlocking(RedisCommand("BLPOP", "list", "0.1"), block: .milliseconds(100))
        }
        #expect(ContinuousClock.now - begin < .seconds(12), "due after 0.3 s")
        server.thaw()
    }

    @Test func aFrozenServerTimesCommandsOutWhichMayHaveRun() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .milliseconds(300)
        try await withClient(configuration) { client in
            _ = try await client.send(ping)
            server.freeze()
            await #expect { try await client.send(ping) } throws: {
                let error = $0 as? RedisError
                return error?.code == .timedOut && error?.mayHaveRun == true
            }
            server.thaw()
            try await eventually("it works again by itself") { (try? await client.send(ping)) != nil }
        }
    }

    @Test func aKilledServerFailsWhatIsInFlightThenFailsAtOnceThenIsFoundAgain() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .seconds(60)
        try await withClient(configuration) { client in
            try await client.ask("SET", "key", "value")
            let blocked = Task { try await client.ask("BLPOP", "list", "0") }
            try await withClient(server.configuration) { other in
                try await eventually("the command is in flight") {
                    try await other.ask("INFO", "clients").string?.contains("blocked_clients:1") == true
                }
            }
            let behind = (0..<50).map { _ in Task { try await client.ask("ECHO", "1") } }
            await server.kill()
            await #expect { try await blocked.value } throws: {
                let error = $0 as? RedisError
                return error?.code == .connectionLost && error?.mayHaveRun == true
            }
            for task in behind { await #expect(throws: RedisError.self) { try await task.value } }

            try await eventually("it is known to be down") { await error(of: client)?.code == .notConnected }
            let begin = ContinuousClock.now
            for _ in 0..<200 {
                let error = await error(of: client)
                #expect(error?.code == .notConnected)
                #expect(error?.mayHaveRun == false)
            }
            #expect(ContinuousClock.now - begin < .seconds(10), "each fails at once, without a wait for the server")

            try await server.start()
            try await eventually("it works again by itself") { await error(of: client) == nil }
            #expect(try await client.ask("GET", "key").string == "value")
        }
    }

    private func error(of client: RedisClient) async -> RedisError? {
        do throws(RedisError) {
            _ = try await client.send(ping)
            return nil
        } catch {
            return error
        }
    }

    // Nobody may turn in a circle at full speed. The pauses before the second to the twelfth attempt are half of 50 ms,
    // 100 ms and so on up to 2 s, and up to as much again: 6.5 s at least. At full speed it is a few milliseconds each.

    /// It has all the clients it wants: it accepts, says so, and hangs up.
    @Test func aServerThatIsFullIsAskedAgainWithPauses() async throws {
        let server = try await PrivateRedis()
        try await withClient(server.configuration) { first in
            try await first.ask("CONFIG", "SET", "maxclients", "1")
            try await withClient(server.configuration) { _ in
                let begin = ContinuousClock.now
                try await eventually("it has tried twelve times") {
                    let stats = try await first.ask("INFO", "stats").string ?? ""
                    let line = stats.split(separator: "\r\n").first { $0.hasPrefix("rejected_connections:") }
                    return Int(line?.split(separator: ":").last ?? "") ?? 0 >= 12
                }
                #expect(ContinuousClock.now - begin > .seconds(5))
            }
        }
    }

    @Test func aServerThatHangsUpAMomentLaterIsAskedAgainWithPauses() async throws {
        let server = try await FickleServer()
        try await withClient(RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: server.port))) { _ in
            let begin = ContinuousClock.now
            try await eventually("it has tried twelve times") { server.connections >= 12 }
            #expect(ContinuousClock.now - begin > .seconds(5))
        }
        try await server.stop()
    }

    @Test func commandsWaitForTheFirstConnection() async throws {
        let client = try await RedisClient(PrivateRedis.shared().configuration, logger: .quiet)
        let early = Task { try await client.ask("ECHO", "1") }
        let cancelled = Task { try await client.ask("ECHO", "2") }
        cancelled.cancel()
        await #expect { try await cancelled.value } throws: { ($0 as? RedisError)?.code == .cancelled }
        let service = Task { await client.run() }
        #expect(try await early.value.int == 1)
        service.cancel()
        await service.value
        #expect(await error(of: client)?.code == .notConnected)
    }
}
