import Foundation
import JobRuntime
import Redis
import TestSupport
import Testing

@testable import chaos_worker

/// A whole chaos run: a private Redis behind a network that fails, workers that are killed, producers that go on.
final class ChaosRun: Sendable {
    let settings: ChaosSettings
    let plan: ChaosPlan
    let jobs: [JobPlan]
    let log = FaultLog()
    private let admissions = Admissions()
    let redis: PrivateRedis
    let proxy: TCPProxy
    private let slots: [WorkerSlot]
    private let isOver = Locked(false)

    init(_ settings: ChaosSettings) async throws {
        self.settings = settings
        plan =
            settings.isCalm
            ? .none
            : ChaosPlan(
                seed: settings.seed, duration: settings.duration, workers: settings.workers)
        let base = Int64.unixMilliseconds
        jobs = (0..<settings.jobs).map { number in
            JobPlan(number: number, seed: settings.seed, milliseconds: base, isCalm: settings.isCalm)
        }
        let redis = try await PrivateRedis()
        let proxy = try await TCPProxy(to: redis.port)
        (self.redis, self.proxy) = (redis, proxy)
        let log = log
        slots = try (0..<settings.workers).map { number in
            try WorkerSlot(
                number, redis: "redis://127.0.0.1:\(proxy.port)", directory: redis.directory, log: log)
        }
    }

    /// - Returns: everything that is known of the run.
    func run() async throws -> History {
        let begin = ContinuousClock.now
        return try await withClient(redis.configuration) { direct in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (slot, number) in zip(slots, 0...) {
                    let faults = plan.workers.indices.contains(number) ? plan.workers[number] : []
                    group.addTask {
                        try await slot.run(faults, from: begin, end: begin + self.settings.duration) {
                            self.isOver.value
                        }
                    }
                }
                group.addTask { try await self.watchForHiccups(direct) { self.isOver.value } }
                group.addTask {
                    defer { self.isOver.value = true }
                    try await self.disturbAndProduce(direct, from: begin)
                    try await self.quiet(direct)
                }
                try await group.waitForAll()
            }
            return try await history(direct, elapsed: ContinuousClock.now - begin)
        }
    }

    private func disturbAndProduce(_ direct: RedisClient, from start: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.produce(from: start) }
            group.addTask {
                try await self.follow(self.plan.network, from: start) { try await self.disturb(network: $0) }
            }
            group.addTask {
                try await self.follow(self.plan.redis, from: start) { try await self.disturb(redis: $0) }
            }
            group.addTask {
                try await self.follow(self.plan.pauses, from: start) { try await self.pause($0, direct) }
            }
            try await group.waitForAll()
        }
    }

    private func produce(from start: ContinuousClock.Instant) async throws {
        var configuration = redis.configuration
        configuration.endpoint = .tcp(host: "127.0.0.1", port: proxy.port)
        (configuration.commandTimeout, configuration.connectTimeout) = (.seconds(1), .seconds(1))
        try await withClient(configuration) { redis in
            let client = JobClient(store: .redis(redis, options: Chaos.storeOptions), patience: .seconds(2))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                defer { group.cancelAll() }
                try await Producer(
                    client: client, jobs: self.jobs, settings: self.settings, admissions: self.admissions
                )
                .run(from: start)
            }
        }
    }

    private func follow<Fault>(
        _ faults: [ChaosPlan.Timed<Fault>], from start: ContinuousClock.Instant, _ act: (Fault) async throws -> Void
    ) async throws {
        for fault in faults {
            try await Task.sleep(until: start + fault.at)  // allowed: the plan of the run
            if ContinuousClock.now < start + settings.duration { try await act(fault.fault) }
        }
    }

    /// Waits until nothing is left to be done, and nothing is left of who was killed.
    private func quiet(_ direct: RedisClient) async throws {
        let server = ServerState(redis: direct)
        try await eventually("every job has ended", within: .seconds(120) + settings.duration) {
            try await server.unfinished().isEmpty
        }
        try await eventually("nothing is left of the workers that were killed") {
            var alive: Set<String> = []
            for slot in slots { alive.formUnion(await slot.lives.filter { $0.end == .running }.map(\.consumer)) }
            return try await server.traces().subtracting(alive).isEmpty
        }
    }
}

extension ChaosRun {
    private func history(_ direct: RedisClient, elapsed: Duration) async throws -> History {
        var history = History(settings: settings, jobs: jobs)
        (history.admissions, history.cancellations) = (admissions.all, admissions.cancellations)
        (history.refusals, history.uncertain) = (admissions.refused, admissions.uncertain)
        history.elapsed = elapsed
        (history.incidents, history.faults) = (log.incidents, log.counts)
        for slot in slots {
            for life in await slot.lives {
                let worker = History.Worker(name: life.name, end: life.end, stops: life.stops, toldAt: life.toldAt)
                // One that was killed at once has none.
                history.read((try? life.journalText()) ?? "", of: worker)
            }
        }
        history.sortRuns()
        let time = try await direct.send(RedisCommand("TIME")).array ?? []
        let (seconds, microseconds) = (time.first?.int ?? 0, time.last?.int ?? 0)
        history.epoch = seconds * 1_000_000 + microseconds - Instant.current
        try await history.read(ServerState(redis: direct))
        return history
    }
}
