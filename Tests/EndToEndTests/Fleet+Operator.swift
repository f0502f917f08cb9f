import Foundation
import TestSupport
import Testing

/// What a command has answered.
struct CommandAnswer {
    let code: Int32
    let output: String

    func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(output.utf8))
    }
}

extension Fleet {
    /// Runs a command as an operator does, where nobody can be asked, until it ends.
    func operate(_ words: String...) async throws -> CommandAnswer { try await operate(words) }

    func operate(_ words: [String], environment extra: [String: String] = [:]) async throws -> CommandAnswer {
        let process = try start(
            program: Self.executable, words, environment: ["LOG_LEVEL": "error"].merging(extra) { $1 })
        return CommandAnswer(code: await process.wait(), output: process.output)
    }

    /// Runs a command that must succeed, and reads its answer.
    func answer<Value: Decodable>(_ words: String..., as type: Value.Type = Value.self) async throws -> Value {
        let answer = try await operate(words + ["--json"])
        try #require(answer.code == 0, "\(words): \(answer.output)")
        return try answer.decoded()
    }

    /// Runs a command in a terminal of its own, where something is typed.
    ///
    /// - Parameter typing: a command of the shell that prints what is typed.
    func operate(inTerminal words: String..., typing: String) async throws -> CommandAnswer {
        let command = ([Self.executable] + words).joined(separator: " ")
        let process = try start(
            program: "/bin/sh", ["-c", "(\(typing)) | script -qec '\(command)' /dev/null"],
            environment: ["LOG_LEVEL": "error", "TERM": "xterm"])
        return CommandAnswer(code: await process.wait(), output: process.output)
    }

    /// Sends a text message to a number that the provider refuses.
    func sendHopeless() async throws -> String {
        try await send(["from": "+15551234567", "to": "+15005550001", "type": "sms", "body": "hopeless \(UUID())"])
    }

    /// Waits until a message is in a state, as `inspect` has it.
    func until(_ id: String, is state: String) async throws {
        try await eventually("\(id) is \(state)") {
            try await operate("inspect", id, "--json").output.contains(#""state" : "\#(state)""#)
        }
    }
}
