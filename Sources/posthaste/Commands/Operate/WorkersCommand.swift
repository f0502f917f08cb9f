import ArgumentParser
import JobRuntime
import Operations

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Show the workers that live, and what those that do not left behind.",
        discussion: """
            PENDING is what a worker holds now; DONE and FAILED are attempts since it started; LONGEST is for how long \
            it has been running the oldest of its jobs. SEEN is its last heartbeat, one every five seconds.

            \(Operator.exitCodes("no worker lives"))
            """)

    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("workers") { me in
            let workers = try await me.inspector.workers()
            let now = try await me.inspector.now()
            try Operator.show(
                json: answer.json, workers,
                text: workers.isEmpty
                    ? "No worker is alive."
                    : WorkerTable(workers, now: now).text(Terminal.palette, width: Terminal.size?.width))
            if !workers.contains(where: \.isAlive) { throw ExitCode(1) }
        }
    }
}
