import Foundation
import TestSupport

@testable import chaos_worker

/// A place in the fleet: one worker after the other, each for as long as it is left alive.
actor WorkerSlot {
    private let number: Int
    private let redis: String
    private let directory: URL
    private let log: FaultLog
    private var current: WorkerLife
    private(set) var lives: [WorkerLife]

    init(_ number: Int, redis: String, directory: URL, log: FaultLog) throws {
        self.number = number
        self.redis = redis
        self.directory = directory
        self.log = log
        current = try WorkerLife(name: "worker-\(number)-0", redis: redis, directory: directory)
        lives = [current]
    }

    /// Does to the worker what the plan says, then gives the place to a fresh one, until the run is over.
    func run(
        _ faults: [ChaosPlan.Timed<ChaosPlan.WorkerFault>], from start: ContinuousClock.Instant,
        end: ContinuousClock.Instant, until isOver: @Sendable () -> Bool
    ) async throws {
        for fault in faults {
            try await stayAlive { ContinuousClock.now >= start + fault.at }
            if ContinuousClock.now < end { try await suffer(fault.fault) }
        }
        try await stayAlive { ContinuousClock.now >= end }
        try await current.terminate()
        try renew()
        try await stayAlive(until: isOver)
        try await current.terminate()
    }

    /// A worker that dies by one of its jobs is replaced.
    private func stayAlive(until condition: @Sendable () -> Bool) async throws {
        while !condition() {
            if await current.hasCrashed() {
                if case .left = current.end { throw Broken(worker: current.name, output: current.process.output) }
                log.count("crashes")
                try renew()
            }
            try await Task.sleep(for: .milliseconds(20))  // allowed: the pause between two looks
        }
    }

    /// A worker that ends by itself.
    struct Broken: Error {
        let worker: String
        let output: String
    }

    private func renew() throws {
        current = try WorkerLife(name: "worker-\(number)-\(lives.count)", redis: redis, directory: directory)
        lives.append(current)
    }

    private func suffer(_ fault: ChaosPlan.WorkerFault) async throws {
        switch fault {
        case .kill:
            log.count("kills")
            await current.kill()
            try renew()
        case .freeze(let time):
            log.count("stops")
            try await current.freeze(for: time)
            current.thaw()
        case .freezeAndKill(let time):
            log.count("stops")
            log.count("kills")
            try await current.freeze(for: time)
            await current.kill()
            try renew()
        case .terminate, .terminateTwice, .stillborn:
            log.count("terminations")
            if case .terminateTwice(let pause) = fault {
                try await current.terminate(again: pause)
            } else {
                try await current.terminate()
            }
            try renew()
            if fault == .stillborn {
                try await current.terminate()
                try renew()
            }
        case .clock(let hours):
            log.count("clock jumps")
            try current.setClock(hours: hours)
        }
    }
}
