import Logging
import TestSupport
import Testing

@testable import Redis

@Suite struct HandshakeTests {
    private let ping = RedisCommand("PING")

    @Test func databaseAndNameAreWhatWasAskedFor() async throws {
        var configuration = try await PrivateRedis.shared().configuration
        configuration.database = 3
        configuration.clientName = "handshake-\(UInt32.random(in: .min ... .max))"
        let connection = try await RedisConnection.connect(configuration)
        let info = try #require(try await connection.send(RedisCommand("CLIENT", "INFO")).string)
        #expect(info.contains(" name=\(configuration.clientName ?? "") "))
        #expect(info.contains(" db=3 "))
        await connection.close()
    }

    @Test func aUnixSocketServesAsWell() async throws {
        let server = try await PrivateRedis.shared()
        let connection = try await RedisConnection.connect(RedisConfiguration(url: "unix://\(server.socket)?db=2"))
        let info = try #require(try await connection.send(RedisCommand("CLIENT", "INFO")).string)
        #expect(info.contains(server.socket))
        #expect(info.contains(" db=2 "))
        await connection.close()
    }

    @Test func aSocketThatIsNotThereIsNotConnected() async throws {
        let nowhere = RedisConfiguration(endpoint: .unixSocket(path: "/nowhere/redis.sock"))
        await #expect { try await RedisConnection.connect(nowhere) } throws: { error in
            let error = error as? RedisError
            return error?.code == .notConnected && error?.mayHaveRun == false
                && error?.message.contains("/nowhere/redis.sock") == true
        }
    }

    @Test func theRightPasswordIsLetInWithUserOrWithout() async throws {
        let server = try await PrivateRedis(password: "correct horse")
        for username in [nil, "default"] {
            var configuration = server.configuration
            configuration.username = username
            let connection = try await RedisConnection.connect(configuration)
            #expect(try await connection.send(ping).string == "PONG")
            await connection.close()
        }
    }

    @Test func aWrongPasswordIsRefusedAndNeverShown() async throws {
        let server = try await PrivateRedis(password: "correct horse")
        var configuration = server.configuration
        configuration.password = "battery-staple"
        configuration.database = 5
        configuration.clientName = "x"
        let log = Locked("")
        let client = RedisClient(configuration, logger: Logger(label: "log") { _ in Recorder(log: log) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            await #expect { try await client.send(ping) } throws: { error in
                let error = error as? RedisError
                // Not `refused`: that would be said of the command.
                return error?.code == .notConnected && error?.message.hasPrefix("WRONGPASS") == true
                    && error?.mayHaveRun == false && !"\(error as Any)".contains("staple")
            }
            try await eventually("it is logged") { log.value.contains("WRONGPASS") }
            group.cancelAll()
        }
        #expect(!log.value.contains("staple"))
    }

    @Test func aMissingPasswordIsSaidByTheServer() async throws {
        let server = try await PrivateRedis(password: "correct horse")
        var configuration = server.configuration
        configuration.password = nil
        await #expect { try await RedisConnection.connect(configuration) } throws: {
            ($0 as? RedisError)?.serverCode == "NOAUTH"
        }
    }

    @Test func aDatabaseThatIsNotThereRefusesTheConnection() async throws {
        var configuration = try await PrivateRedis.shared().configuration
        configuration.database = 4000
        await #expect { try await RedisConnection.connect(configuration) } throws: {
            ($0 as? RedisError)?.code == .refused
        }
    }

    @Test func aServerThatAcceptsAndSaysNothingIsGivenUp() async throws {
        let silent = try SilentServer()
        var configuration = RedisConfiguration(
            endpoint: .tcp(host: "127.0.0.1", port: silent.port), database: 1)
        configuration.connectTimeout = .milliseconds(200)
        await #expect { try await RedisConnection.connect(configuration) } throws: { error in
            let error = error as? RedisError
            return error?.code == .notConnected && error?.mayHaveRun == false
        }
    }
}

/// Keeps what is logged, with everything in it.
private struct Recorder: LogHandler {
    let log: Locked<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        log.update { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
    }
}
