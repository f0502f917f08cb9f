public import Foundation

/// A real process, started for a test and killed at its end whatever happens.
public final class ChildProcess: @unchecked Sendable {
    private let process = Process()
    private let log: URL

    /// - Parameters:
    ///   - environment: its settings; of this process's own only what any program needs.
    ///   - directory: where it runs, and where its output is kept.
    public init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: URL
    ) throws {
        log = directory.appending(path: "\(URL(fileURLWithPath: executable).lastPathComponent)-\(UUID()).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        // Not the developer's settings: a variable of theirs must not change what a test sees.
        let kept = ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR"]
        let own = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
        process.environment = own.merging(environment) { $1 }
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { Leftovers.remove(pid: $0.processIdentifier) }
        try process.run()
        Leftovers.add(pid: process.processIdentifier)
        if !process.isRunning { Leftovers.remove(pid: process.processIdentifier) }
    }

    deinit {
        if process.isRunning { signal(SIGKILL) }
    }

    public var pid: Int32 { process.processIdentifier }
    public var isRunning: Bool { process.isRunning }

    /// What it has written so far, to either of its outputs.
    public var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    public func signal(_ signal: Int32) { _ = Foundation.kill(pid, signal) }

    /// The exit status; negative: the signal that ended it.
    public func wait() async -> Int32 {
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                self.process.waitUntilExit()
                let status = self.process.terminationStatus
                done.resume(returning: self.process.terminationReason == .uncaughtSignal ? -status : status)
            }
        }
    }

    /// SIGTERM, and the exit status.
    public func terminate() async -> Int32 {
        signal(SIGTERM)
        return await wait()
    }

    /// SIGKILL: no chance to put anything in order.
    public func killHard() async {
        signal(SIGKILL)
        _ = await wait()
    }
}
