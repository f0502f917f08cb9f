import Foundation
import TestSupport
import Testing

@testable import chaos_worker

/// One worker process of a chaos run, from its start to its end.
final class WorkerLife: Sendable {
    enum End: Sendable, Equatable {
        case running
        /// By the driver, or by a job that does so.
        case killed
        /// Of its own accord, after SIGTERM.
        case left(status: Int32)
    }

    let name: String
    let journal: URL
    let process: ChildProcess
    private let clock: URL
    private let state = Locked<(end: End, stops: [ClosedRange<Instant>], toldAt: Instant?)>((.running, [], nil))

    init(name: String, redis: String, directory: URL) throws {
        self.name = name
        journal = directory.appending(path: "\(name).journal")
        clock = directory.appending(path: "\(name).clock")
        try Self.offset(hours: 0).write(to: clock)
        process = try ChildProcess(
            ChildProcess.product("chaos-worker"), [redis, journal.path],
            environment: [
                "LD_PRELOAD": ChildProcess.product("libchaos-clock.so"), "CHAOS_CLOCK": clock.path,
            ], directory: directory)
    }

    var end: End { state.value.end }

    /// When it was stopped (SIGSTOP) and went on.
    var stops: [ClosedRange<Instant>] { state.value.stops }

    /// When it was told to stop (SIGTERM).
    var toldAt: Instant? { state.value.toldAt }

    /// Waits until it can be told to stop. One that has died meanwhile cannot.
    func hears() async throws {
        try await eventually("the worker has begun its journal") {
            try !process.isRunning || FileManager.default.fileExists(atPath: journal.path) && !journalText().isEmpty
        }
    }

    func journalText() throws -> String { String(decoding: try Data(contentsOf: journal), as: UTF8.self) }

    /// What it is called in the groups; empty before it has begun its journal.
    var consumer: String {
        guard let line = (try? journalText())?.split(separator: "\n").first.flatMap({ JournalLine(String($0)) }),
            case .worker(let consumer) = line
        else { return "" }
        return consumer
    }

    /// Whether it has died without anybody having told it to: by one of its jobs, or by a fault of its own.
    func hasCrashed() async -> Bool {
        guard end == .running, !process.isRunning else { return false }
        let status = await process.wait()
        state.update { $0.end = status == -SIGKILL ? .killed : .left(status: status) }
        return true
    }

    func kill() async {
        await process.killHard()
        state.update { $0.end = .killed }
    }

    func freeze(for time: Duration) async throws {
        let from = Instant.current
        process.signal(SIGSTOP)
        try await Task.sleep(for: time)  // allowed: the fault itself
        state.update { $0.stops.append(from ... .current) }
    }

    func thaw() { process.signal(SIGCONT) }

    /// SIGTERM, again after a time if one is given, and waits for its end.
    func terminate(again pause: Duration? = nil) async throws {
        try await hears()
        state.update { $0.toldAt = .current }
        process.signal(SIGTERM)
        if let pause {
            try await Task.sleep(for: pause)  // allowed: the fault itself
            process.signal(SIGTERM)
        }
        let hasLeft = try await eventually("\(name) leaves when it is told to") {
            !process.isRunning
        }
        guard hasLeft else {
            Issue.record("it was told to at \(toldAt ?? 0), was stopped \(stops); its last words: \(lastWords)")
            return await kill()
        }
        let status = await process.wait()
        // One that a job has killed meanwhile has not left.
        state.update { $0.end = status == -SIGKILL ? .killed : .left(status: status) }
    }

    private var lastWords: String {
        let journal = ((try? journalText()) ?? "").split(separator: "\n").suffix(5)
        return (process.output.split(separator: "\n").suffix(20) + journal).joined(separator: "\n")
    }

    /// Makes its wall clock jump to so many hours from the true time.
    func setClock(hours: Int) throws {
        // In place: the process has the file's page in its memory.
        let file = try FileHandle(forWritingTo: clock)
        try file.write(contentsOf: Self.offset(hours: hours))
        try file.close()
    }

    private static func offset(hours: Int) -> Data {
        withUnsafeBytes(of: Int64(hours) * 3600) { Data($0) }
    }
}
