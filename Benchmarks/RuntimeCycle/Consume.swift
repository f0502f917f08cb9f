import ArgumentParser
import Foundation
import JobRuntime
import NIOCore
import Redis
import ServiceLifecycle
import Synchronization
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
                while worker.counts.done < target.jobs { try await Task.sleep(for: .milliseconds(1)) }
                await services.triggerGracefulShutdown()
            }
            // At once: whoever started this waits for the line.
            FileHandle.standardOutput.write(Data("ready\n".utf8))
            // Until the jobs are done, or a signal comes.
            try await services.run()
            group.cancelAll()
        }
        FileHandle.standardOutput.write(Data(stopwatch.report.utf8))
    }

    private func handlers(_ stopwatch: Stopwatch) -> JobHandlers {
        var handlers = JobHandlers()
        let hold = Duration.seconds(hold)
        handlers.register(rawKind: "noop") { _, _ in
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

/// How long jobs have waited since the moment they carry.
final class Stopwatch: Sendable {
    private let waits = Mutex<[UInt64]>([])

    /// Nanoseconds of the machine's monotonic clock, which all its processes share.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// - Parameter payload: a JSON string that begins with the moment.
    func note(_ payload: ByteBuffer) {
        let now = Self.now
        let digits = payload.readableBytesView.dropFirst().prefix { (48...57).contains($0) }
        let stamp = digits.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 48) }
        waits.withLock { $0.append(now > stamp ? now - stamp : 0) }
    }

    /// Microseconds: `p50 p99 p999`; empty when nothing was noted.
    var report: String {
        let sorted = waits.withLock { $0.sorted() }
        guard !sorted.isEmpty else { return "" }
        return [0.5, 0.99, 0.999].map { "\(sorted[Int(Double(sorted.count - 1) * $0)] / 1000)" }
            .joined(separator: " ") + "\n"
    }
}
