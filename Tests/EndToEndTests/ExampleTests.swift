import Foundation
import JobRuntime
import Redis
import TestSupport
import Testing

/// The programs in `Examples` do what they say.
@Suite struct ExampleTests {
    private let redis: PrivateRedis

    init() async throws { redis = try await PrivateRedis() }

    private func start(_ example: String, _ arguments: String...) throws -> ChildProcess {
        try ChildProcess(
            ChildProcess.product(example), arguments, environment: ["REDIS_URL": redis.url], directory: redis.directory)
    }

    @Test func theFirstJobIsDone() async throws {
        let process = try start("example-first-job")
        #expect(await process.wait() == 0)
        #expect(process.output.contains(#"Done: {"file":"200-cat.png"}"#), "\(process.output)")
    }

    @Test func reportsAreRenderedAndTheProgramEnds() async throws {
        let process = try start("example-reports", "--once")
        #expect(await process.wait() == 0)
        for line in [
            "render-report, attempt 1: threw Busy()", "render-report, attempt 2: succeeded",
            #"north: done {"cents":120050}"#, #"north again, a duplicate: done {"cents":120050}"#,
            #"east, two seconds later: done {"cents":99900}"#, #"south: done {"cents":210000}"#,
            #"west: done {"cents":5500}"#, "nowhere: dead, permanent: no such region: nowhere",
        ] { #expect(process.output.contains("\(line)\n"), "\(process.output)") }
    }

    @Test func reportsAreCountedAgainAndAgain() async throws {
        let process = try start("example-reports")
        try await eventually("two ticks have run") { process.output.matches(of: /Reports kept: \d/).count > 1 }
        #expect(await process.terminate() == 0)
    }

    @Test func aSecondSignalSkipsTheDrain() async throws {
        let process = try start("example-reports", "--seconds", "100", "--drain", "3600")
        let keys = KeySpace(prefix: "example-reports:")
        try await eventually("reports are being rendered") {
            let held = try? await redis.command("XPENDING", keys.stream("reports"), KeySpace.group)
            return held?.array?.first?.int ?? 0 > 0
        }
        process.signal(SIGTERM)
        try await eventually("it drains") { process.output.contains("Stopping: no more jobs are taken") }
        #expect(process.isRunning)
        process.signal(SIGTERM)
        try await eventually("it stops all the same") { !process.isRunning }
        #expect(await process.wait() == 0)
        #expect(process.output.contains("Job handed back"))
    }
}
