import ArgumentParser
import JobRuntime
import Operations

struct PendingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pending", abstract: "Show what waits, what is being sent, and by whom.",
        discussion: """
            Per queue: DEPTH (waits), PENDING (delivered to a worker, not settled), RETRYING, DEAD. Per consumer: how \
            much it holds, for how long the quietest entry has shown no sign of life, and its highest delivery count.

            \(Operator.exitCodes())
            """)

    @Argument(help: "Queues to show, sms or message_queue:sms; without any, all of them.") var queues: [String] = []
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("pending") { me in
            let names = queues.isEmpty ? try await me.knownQueues() : try await me.queues(queues)
            var report: [QueuePending] = []
            for name in names { report.append(try await me.inspector.pending(of: name)) }
            try Operator.show(
                json: answer.json, report,
                text: PendingTable(report).text(Terminal.palette, width: Terminal.size?.width))
        }
    }
}
