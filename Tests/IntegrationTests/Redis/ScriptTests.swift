import TestSupport
import Testing

@testable import Redis

@Suite struct ScriptTests {
    private let script = RedisScript(name: "join", source: "return KEYS[1] .. ARGV[1]")

    private func call(_ argument: String) -> ScriptCall {
        var call = ScriptCall(script)
        call.key("k")
        call.argument(argument)
        return call
    }

    @Test func aServerThatDoesNotKnowTheScriptIsGivenItsSource() async throws {
        let server = try await PrivateRedis()
        try await withClient(server.configuration) { client in
            let missing = try await client.ask("SCRIPT", "EXISTS", script.digest)
            #expect(missing == .array([.integer(0)]))
            #expect(try await client.run(call("1")).string == "k1")
            let known = try await client.ask("SCRIPT", "EXISTS", script.digest)
            #expect(known == .array([.integer(1)]), "the digest is right")
            try await client.ask("SCRIPT", "FLUSH")
            #expect(try await client.run(call("2")).string == "k2")
        }
    }

    @Test func callsAmongOthersFallBackEachForItself() async throws {
        let server = try await PrivateRedis()
        try await withClient(server.configuration) { client in
            let right = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        if number.isMultiple(of: 30) { try await client.ask("SCRIPT", "FLUSH") }
                        return try await client.run(call("\(number)")).string == "k\(number)"
                    }
                    group.addTask { try await client.ask("ECHO", "\(number)").int == Int64(number) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(right == 600)
        }
    }

    @Test func anErrorOfTheScriptIsRefused() async throws {
        try await withClient(PrivateRedis.shared().configuration) { client in
            let broken = ScriptCall(RedisScript(name: "broken", source: "return redis.error_reply('MINE no')"))
            await #expect { try await client.run(broken) } throws: {
                let error = $0 as? RedisError
                return error?.code == .refused && error?.serverCode == "MINE"
            }
        }
    }
}
