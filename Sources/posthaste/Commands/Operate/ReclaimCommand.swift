import ArgumentParser
import JobRuntime
import Operations

struct ReclaimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reclaim", abstract: "Take over at once what silent workers hold.",
        discussion: """
            What a dead worker holds is taken over by itself when its lease (LEASE_MS) has run out; this does it now, for \
            every worker whose last heartbeat is 15 seconds ago. One that still lives, cut off from Redis, can no longer \
            settle what was taken from it, but may have sent it: then it is sent twice.

            \(Operator.exitCodes("there was nothing to take over"))
            """)

    @Argument(help: "Queues, sms or message_queue:sms.") var queues: [String]
    @Option(help: "Living workers, too: what has shown no sign of life for so many seconds.") var force: Int?
    @OptionGroup var confirm: ConfirmOptions
    @OptionGroup var answer: AnswerOptions

    func validate() throws {
        if let force, force < 0 { throw ValidationError("--force: expected seconds") }
    }

    func run() async throws {
        try await Operator.run("reclaim") { me in
            let queues = try await me.queues(queues)
            try await ask(me, queues)
            var reports: [Reclamation] = []
            for queue in queues {
                reports.append(try await me.inspector.reclaim(queue, idleFor: force.map { .seconds($0) }))
            }
            try Operator.show(
                json: answer.json, reports, text: reports.map(\.sentence).joined(separator: "\n"))
            if reports.allSatisfy({ $0.handedBack + $0.lost == 0 }) { throw ExitCode(1) }
        }
    }

    private func ask(_ me: Operator, _ queues: [String]) async throws {
        if confirm.yes { return }
        try Operator.expectAnswer(confirm)
        let names = queues.joined(separator: ", ")
        if let force {
            return try Operator.confirm(
                "Take over what of \(names) has shown no sign of life for \(force) s, even from living workers?",
                confirm)
        }
        var held = 0
        for queue in queues {
            let silent = try await me.inspector.pending(of: queue).consumers.filter { !$0.isAlive }
            held += silent.reduce(0) { $0 + $1.pending }
        }
        guard held > 0 else { return }
        try Operator.confirm("Take over \(held) jobs of \(names) from workers without a heartbeat?", confirm)
    }
}
