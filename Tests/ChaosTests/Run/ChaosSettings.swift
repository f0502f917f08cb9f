import Foundation

/// What a chaos run is told: by its test, or by the environment (`scripts/chaos`).
struct ChaosSettings: Sendable {
    var seed: UInt64 = 20_260_101
    /// How long things go wrong.
    var duration: Duration = .seconds(12)
    var jobs = 2000
    var workers = 3
    /// Nothing goes wrong.
    var isCalm = false
    /// How long an entry may stay without a sign of life.
    let lease: Duration = .milliseconds(1500)

    /// `POSTHASTE_CHAOS_SEED`, `_SECONDS`, `_JOBS` and `_WORKERS`, where they are set.
    static func fromEnvironment() -> ChaosSettings {
        func number(_ name: String) -> UInt64? {
            ProcessInfo.processInfo.environment["POSTHASTE_CHAOS_\(name)"].flatMap { UInt64($0) }
        }
        var settings = ChaosSettings()
        if let seed = number("SEED") { settings.seed = seed }
        if let seconds = number("SECONDS") { settings.duration = .seconds(Int64(seconds)) }
        if let jobs = number("JOBS") { settings.jobs = Int(jobs) }
        if let workers = number("WORKERS") { settings.workers = Int(workers) }
        return settings
    }
}
