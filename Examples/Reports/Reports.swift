import ArgumentParser
import Foundation
import JobRuntime
import Logging
import Redis
import ServiceLifecycle

/// Jobs that are no messages: reports are rendered in the background.
///
/// Read on in `Jobs.swift` (what is to be done), `Handlers.swift` (how), `Requests.swift` (who asks for it).
@main
struct Reports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example-reports", abstract: "Render reports in the background.",
        discussion: "Redis is at REDIS_URL, or at redis://127.0.0.1:6379; all keys begin with example-reports:")

    @Option(help: "Seconds that a report takes. With 20 of them, try what ^C does, and what a second one does.")
    var seconds = 0.2

    @Option(help: "Seconds that reports may take to be finished when the program is told to stop.")
    var drain = 25

    @Option(help: "When the reports are counted. '30 2 * * *' is every night at half past two.")
    var cron = "*/2 * * * * *"

    @Option(help: "By which clock.")
    var timeZone = "Europe/Berlin"

    @Flag(help: "Exit when the jobs that are asked for are done.")
    var once = false

    func run() async throws {
        let logger = Logger(label: "reports")
        let address = ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://127.0.0.1:6379"
        let redis = RedisClient(try RedisConfiguration(url: address), logger: logger)
        let store = JobStore.redis(redis, keys: KeySpace(prefix: "example-reports:"))
        let client = JobClient(store: store)
        let count = RecurringJob(
            "count-reports", try recurrence(), job: CountReports(), queue: .reports, lane: .low)
        var options = WorkerOptions()
        options.slots = 4
        options.drain = .seconds(drain)
        options.deadRetention = .seconds(86_400)
        let worker = Worker(
            queues: [.reports], handlers: .reports(Archive(), time: .seconds(seconds)),
            middleware: [Narrator()], recurring: [count], store: store, options: options, version: "1.0",
            logger: logger)
        let requests = Requests(client: client, endsWhenDone: once)

        // Stopped from the last to the first: Redis goes when nobody needs it any more.
        let check = ServerCheck(redis: redis, refuses: false, logger: logger)
        let services: [any Service] = [redis, check, client, worker]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }
                    + [.init(service: requests, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: logger))
        // SIGTERM or SIGINT lets the jobs that run finish; who sends another does not want to wait for that.
        try await worker.run(in: group)
    }

    private func recurrence() throws -> Recurrence {
        guard let zone = TimeZone(identifier: timeZone) else {
            throw ValidationError("--time-zone: expected a name such as Europe/Berlin, found \(timeZone)")
        }
        return .cron(try CronExpression(cron), timeZone: zone)
    }
}
