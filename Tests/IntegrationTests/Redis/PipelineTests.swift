import JobRuntime
import NIOCore
import TestSupport
import Testing

@testable import Redis

@Suite struct PipelineTests {
    @Test func thousandsOfTasksShareOneConnectionAndEachGetsItsOwnAnswer() async throws {
        var configuration = try await PrivateRedis.shared().configuration
        configuration.clientName = "pipeline-\(UInt32.random(in: .min ... .max))"
        configuration.commandTimeout = .seconds(30)
        try await withClient(configuration) { client in
            let right = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<5000 {
                    group.addTask { try await client.ask("ECHO", "\(number)").int == Int64(number) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 5000)
            let clients = try #require(try await client.ask("CLIENT", "LIST").string)
            let name = "name=\(configuration.clientName ?? "") "
            #expect(clients.split(separator: "\n").count { $0.contains(name) } == 1)
        }
    }

    @Test func anErrorReplyIsItsOwnCommandsOnly() async throws {
        try await withClient(PrivateRedis.shared().configuration) { client in
            let before = Task { try await client.ask("ECHO", "1") }
            let refused = Task { try await client.ask("NOSUCHCOMMAND") }
            let after = Task { try await client.ask("ECHO", "2") }
            let answers = [try await before.value.int, try await after.value.int]
            #expect(answers == [1, 2])
            await #expect { try await refused.value } throws: {
                let error = $0 as? RedisError
                return error?.code == .refused && error?.serverCode == "ERR" && error?.mayHaveRun == false
            }
        }
    }

    @Test func commandsThatGoTogetherAreAnsweredInOrderAndEachForItself() async throws {
        let connection = try await RedisConnection.connect(PrivateRedis.shared().configuration)
        let answers = await connection.send(
            together: [RedisCommand("ECHO", "1"), RedisCommand("NOSUCHCOMMAND"), RedisCommand("ECHO", "2")],
            timeout: .seconds(30))
        #expect(try answers[0].get().int == 1)
        #expect(throws: RedisError.self) { try answers[1].get() }
        #expect(try answers[2].get().int == 2)
        #expect(await connection.send(together: [], timeout: .seconds(30)).isEmpty)
        await connection.close()
        let late = await connection.send(together: [RedisCommand("PING"), RedisCommand("PING")], timeout: .seconds(30))
        #expect(late.count == 2)
        for answer in late {
            guard case .failure(let error) = answer else { Issue.record("\(answer)"); continue }
            #expect(!error.mayHaveRun)
        }
    }

    @Test func commandsThatGoTogetherAreCancelledTogether() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .seconds(60)
        let connection = try await RedisConnection.connect(configuration)
        server.freeze()
        let pair = Task {
            await connection.send(
                together: [RedisCommand("ECHO", "1"), RedisCommand("ECHO", "2")], timeout: .seconds(60))
        }
        pair.cancel()
        for answer in await pair.value {
            guard case .failure(let error) = answer else { Issue.record("\(answer)"); continue }
            #expect(error.code == .cancelled)
        }
        server.thaw()
        #expect(try await connection.send(RedisCommand("ECHO", "3")).int == 3, "its neighbours' answers are their own")
        await connection.close()
    }

    @Test func largeAndBinaryValuesComeBackByteForByte() async throws {
        try await withClient(PrivateRedis.shared().configuration) { client in
            let bytes = ByteBuffer(bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            var echo = RedisCommand("ECHO")
            echo.append(bytes)
            let answer = try await client.send(echo)
            #expect(answer.bytes == bytes)
        }
    }

    @Test func oneThatIsCancelledWhileTheServerIsSilentLeavesItsNeighboursAlone() async throws {
        let server = try await PrivateRedis()
        var configuration = server.configuration
        configuration.commandTimeout = .seconds(60)
        try await withClient(configuration) { client in
            let connection = try await client.ask("CLIENT", "ID")
            server.freeze()
            let first = Task { try await client.ask("ECHO", "1") }
            let second = Task { try await client.ask("ECHO", "2") }
            let third = Task { try await client.ask("ECHO", "3") }
            second.cancel()
            await #expect { try await second.value } throws: { ($0 as? RedisError)?.code == .cancelled }
            server.thaw()
            #expect(try await first.value.int == 1)
            #expect(try await third.value.int == 3)
            #expect(try await client.ask("CLIENT", "ID") == connection, "the connection was kept")
        }
    }

    @Test func manyCancelledAtAnyMomentLeaveTheOthersTheirAnswers() async throws {
        try await withClient(PrivateRedis.shared().configuration) { client in
            let connection = try await client.ask("CLIENT", "ID")
            var (right, cancelled) = (0, 0)
            for round in 0..<20 {
                let tasks = (0..<200).map { number in
                    let number = Int64(round * 1000 + number)
                    return Task { try await client.ask("ECHO", "\(number)").int == number }
                }
                for (number, task) in tasks.enumerated() where number.isMultiple(of: 3) {
                    task.cancel()
                    if number.isMultiple(of: 5) { await Task.yield() }
                }
                for (number, task) in tasks.enumerated() {
                    do {
                        if try await task.value { right += 1 }
                    } catch let error as RedisError where error.code == .cancelled {
                        #expect(number.isMultiple(of: 3))
                        cancelled += 1
                    }
                }
            }
            #expect(right + cancelled == 4000)
            #expect(cancelled > 0)
            #expect(try await client.ask("CLIENT", "ID") == connection, "the connection was kept")
        }
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        try await withClient(PrivateRedis.shared().configuration) { client in
            let key = freshKeys().stream("n")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.ask("INCR", key)
            }
            await #expect { try await task.value } throws: {
                let error = $0 as? RedisError
                return error?.code == .cancelled && error?.mayHaveRun == false
            }
            let exists = try await client.exists(key)
            #expect(!exists)
        }
    }
}
