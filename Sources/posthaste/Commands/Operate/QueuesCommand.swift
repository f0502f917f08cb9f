import ArgumentParser
import JobRuntime
import Operations

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "Show every queue: how much is where, and who works on it.",
        discussion: """
            DEPTH waits to be delivered, the oldest of it for OLDEST; PENDING is delivered and not settled; SLOTS is how \
            much its WORKERS can run at a time; RETRYING and SCHEDULED wait for their time, the first of them for NEXT \
            DUE; DEAD are dead letters.

            \(Operator.exitCodes(nil))
            """)

    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("queues") { me in
            let queues = try await me.inspector.queues(first: Operator.messageQueues)
            let now = try await me.inspector.now()
            try Operator.show(
                json: answer.json, queues,
                text: QueueTable(queues, now: now).text(Terminal.palette, width: Terminal.size?.width))
        }
    }
}
