import Foundation
import Testing

/// Thousands of jobs with all sorts of outcomes, while workers, network and Redis fail: what was accepted ends as its
/// outcomes say. `make chaos` does the same for longer.
@Suite(.serialized) struct ChaosTests {
    @Test func whateverGoesWrongEveryJobEndsAsItsOutcomesSay() async throws {
        let report = try await run(.fromEnvironment())
        #expect(report.violations.isEmpty, "\(report.details())")
    }

    /// The same without a fault: nothing runs twice, nothing is fenced.
    @Test func whenNothingGoesWrongEveryStepRunsOnce() async throws {
        var settings = ChaosSettings()
        (settings.isCalm, settings.jobs, settings.duration) = (true, 500, .seconds(3))
        let report = try await run(settings)
        #expect(report.violations.isEmpty, "\(report.details())")
    }

    private func run(_ settings: ChaosSettings) async throws -> Report {
        say("chaos: seed \(settings.seed), \(settings.jobs) jobs\n")
        let report = Report(try await ChaosRun(settings).run())
        say(report.counts)
        return report
    }

    /// At once: whoever looks on waits for the lines.
    private func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
