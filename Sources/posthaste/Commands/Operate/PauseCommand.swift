import ArgumentParser
import JobRuntime
import Operations

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Deliver nothing more of a queue.",
        discussion: """
            All workers heed it within two seconds, and until somebody resumes the queue. What runs goes on; messages are \
            still taken in.

            \(Operator.exitCodes())
            """)

    @Argument(help: "Queues, sms or message_queue:sms.") var queues: [String]
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("pause") { me in
            for queue in try await me.queues(queues) { try await me.store.pause(queue) }
            try await me.showPaused(queues, answer)
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Deliver what is in a paused queue.", discussion: Operator.exitCodes())

    @Argument(help: "Queues, sms or message_queue:sms.") var queues: [String]
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("resume") { me in
            for queue in try await me.queues(queues) { try await me.store.resume(queue) }
            try await me.showPaused(queues, answer)
        }
    }
}

extension Operator {
    fileprivate func showPaused(_ names: [String], _ answer: AnswerOptions) async throws {
        struct Answer: Encodable {
            let queue: String
            let paused: Bool
        }
        let paused = try await store.pausedQueues()
        let answers = try await queues(names).map { Answer(queue: $0, paused: paused.contains($0)) }
        try Operator.show(
            json: answer.json, answers,
            text: answers.map { "\($0.queue) \($0.paused ? "is paused" : "is not paused")" }.joined(separator: "\n"))
    }
}
