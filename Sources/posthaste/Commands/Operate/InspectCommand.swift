import ArgumentParser
import JobRuntime
import Operations

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Say where a message or job is, why it is not running, and until when.",
        discussion: """
            The states: waiting (behind how many; and the obstacles paused, no_worker, no_handler, slots_busy), \
            scheduled, retrying, snoozed, parked, running, succeeded, dead, unknown, canceled, expired, discarded, lost, \
            not_found.

            \(Operator.exitCodes("nothing is known of it"))
            """)

    @Argument(help: "The id.", transform: jobID) var id: JobID
    @OptionGroup var answer: AnswerOptions

    func run() async throws {
        try await Operator.run("inspect") { me in
            let job = try await me.inspector.explain(id)
            let now = try await me.inspector.now()
            try Operator.show(json: answer.json, job, text: JobReport(job, now: now).text(Terminal.palette))
            if job.state == .notFound { throw ExitCode(1) }
        }
    }
}

/// Reads the id of a job as an argument.
@Sendable func jobID(_ text: String) throws -> JobID {
    guard let id = JobID(text) else { throw ValidationError("\(text) is no id: expected a UUID of version 7") }
    return id
}
