import Foundation
import TestSupport
import Testing

@testable import JobRuntime

/// Random interleavings of workers, producers and operators, beside a model of plain values that says what each call
/// answers and what is there after it.
///
/// `SCRIPT_MACHINE_SEED` runs one seed, the one that a failure has named.
@Suite struct ScriptMachineTests {
    private static let steps = 150

    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["SCRIPT_MACHINE_SEED"].flatMap(UInt64.init).map { [$0] }
        ?? Array(1...32)

    @Test(arguments: seeds)
    func redisAndTheModelAgree(seed: UInt64) async throws {
        guard try await run(seed, comparingEvery: 5) != nil else { return }
        // The same again, to find the first step after which they differ.
        let failure = try await run(seed, comparingEvery: 1)
        Issue.record("seed \(seed): \(failure ?? "they agreed when they were asked again")")
    }

    /// - Returns: what they do not agree on, and the steps that led there.
    private func run(_ seed: UInt64, comparingEvery interval: Int) async throws -> String? {
        try await withBench(tracked: seed % 4 != 0, events: seed % 3 != 0) { bench in
            var machine = ScriptMachine(
                bench: bench, workers: seed.isMultiple(of: 2) ? 2 : 3, seed: seed, now: try await bench.redis.now())
            try await machine.open()
            var failure: String?
            do {
                for step in 1...Self.steps {
                    try await machine.step()
                    if step % interval == 0 { try await machine.compare() }
                }
            } catch let error as Disagreement {
                failure = "after \(machine.log.count) steps\n\(error.what)\n\n\(machine.log.joined(separator: "\n"))"
            }
            await machine.close()
            return failure
        }
    }
}
