import ArgumentParser
import JobRuntime
import Logging
import Operations

struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Follow what happens to messages and jobs, from now on.",
        discussion: """
            A line for each event: accepted, succeeded, retrying, snoozed, parked, dead, unknown, expired, discarded, \
            canceled, redriven, restored, dropped; and reported: what a provider or a person said of one. Untracked queues tell nothing. Ctrl-C ends it.

            \(Operator.exitCodes())
            """)

    @Option(help: "Only of this queue, sms or message_queue:sms; may be repeated.") var queue: [String] = []
    @Option(help: "Only of this type; may be repeated.") var type: [String] = []
    @Option(help: "Only of this job; may be repeated.", transform: jobID) var id: [JobID] = []
    @Flag(help: "As JSON, an object on each line: durations in milliseconds (…_ms), moments as RFC 3339.")
    var json = false

    func run() async throws {
        try await Operator.run("tail") { me in
            let queues = Set(try await me.queues(queue))
            let (types, ids) = (Set(type), Set(id))
            let logger = try me.settings.logger("posthaste")
            let tail = EventTail(redis: me.redis, keys: me.settings.keys, logger: logger)
            try await untilInterrupted {
                // Whoever does something only to see it told waits for this line.
                try await tail.follow(begun: { logger.info("Watching") }) { events in
                    for event in events {
                        guard queues.isEmpty || queues.contains(event.queue),
                            types.isEmpty || types.contains(event.type),
                            ids.isEmpty || ids.contains(event.id)
                        else { continue }
                        try show(event)
                    }
                }
            }
        }
    }

    private func show(_ event: JobEvent) throws {
        let text = json ? try JSONText.line(event) : EventLine(event).text(Terminal.palette)
        // Nobody reads any more.
        if !Terminal.write(text + "\n") { throw ExitCode.success }
    }
}
