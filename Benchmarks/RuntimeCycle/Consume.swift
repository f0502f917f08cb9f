import ArgumentParser
import Foundation
import JobRuntime
import NIOCore
import Redis
import ServiceLifecycle
import UnixSignals

struct Consume: AsyncParsableCommand {
    @OptionGroup var target: Target
    @Option(help: "jobs in flight at a time") var slots = 500
    @Option(help: "seconds a job takes") var hold = 0.0
    @Option(help: "milliseconds of a lease") var lease = 30_000
    @Option(help: "seconds that jobs may finish in when stopped") var drain = 25

    func run() async throws {
        let redis = try target.client()
        let stopwatch = Stopwatch()
        var options = WorkerOptions()
        options.slots = slots
        options.lease = .milliseconds(lease)
        options.drain = .seconds(drain)
        let worker = Worker(
            queues: [target.jobQueue], handlers: handlers(stopwatch), store: target.store(redis), options: options,
            logger: Target.logger)
        let services = ServiceGroup(
            services: [redis, worker], gracefulShutdownSignals: [.sigterm], logger: Target.logger)
        try await withThrowingTaskGroup { group in
            group.addTask {
                var isStopping = false
                while true {
                    let done = worker.counts.done
                    stopwatch.settled(done)
                    if done >= target.jobs, !isStopping {
                        isStopping = true
                        await services.triggerGracefulShutdown()
                    }
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            // At once: whoever started this waits for the line.
            FileHandle.standardOutput.write(Data("ready\n".utf8))
            // Until the jobs are done, or a signal comes.
            try await services.run()
            group.cancelAll()
        }
        stopwatch.settled(worker.counts.done)
        try stopwatch.report.print()
    }

    private func handlers(_ stopwatch: Stopwatch) -> JobHandlers {
        var handlers = JobHandlers()
        let hold = Duration.seconds(hold)
        handlers.register(rawKind: "noop") { _, _ in
            stopwatch.begin()
            if hold > .zero { try await Task.sleep(for: hold) }
            return .succeeded()
        }
        handlers.register(rawKind: "stamped") { payload, _ in
            stopwatch.note(payload)
            return .succeeded()
        }
        return handlers
    }
}
