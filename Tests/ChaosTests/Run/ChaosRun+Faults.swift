import JobRuntime
import Redis
import TestSupport

@testable import chaos_worker

extension ChaosRun {
    func disturb(network fault: ChaosPlan.NetworkFault) async throws {
        switch fault {
        case .cut:
            await log.during("cuts") { await proxy.cut() }
        case .deafen(let time):
            try await log.during("lost answers") {
                await proxy.stall([.fromServer])
                try await Task.sleep(for: time)  // allowed: the fault itself
                await proxy.cut()
                await proxy.resume()
            }
        case .hold(let time):
            try await log.during("late commands") {
                await proxy.stall([.toServer])
                try await Task.sleep(for: time)  // allowed: the fault itself
                await proxy.resume()
            }
        case .stall(let time):
            try await log.during("stalls") {
                await proxy.stall()
                try await Task.sleep(for: time)  // allowed: the fault itself
                await proxy.resume()
            }
        case .refuse(let time):
            try await log.during("refusals") {
                await proxy.refuse()
                await proxy.cut()
                try await Task.sleep(for: time)  // allowed: the fault itself
                try await proxy.accept()
            }
        }
    }

    func disturb(redis fault: ChaosPlan.RedisFault) async throws {
        switch fault {
        case .kill(let time):
            try await log.during("redis restarts") {
                await redis.kill()
                try await Task.sleep(for: time)  // allowed: the fault itself
                try await redis.start()
            }
        case .freeze(let time):
            try await log.during("redis stops") {
                redis.freeze()
                try await Task.sleep(for: time)  // allowed: the fault itself
                redis.thaw()
            }
        }
    }

    func pause(_ pause: ChaosPlan.Pause, _ direct: RedisClient) async throws {
        let store = JobStore.redis(direct)
        log.count("pauses")
        try await insist { try await store.pause(pause.queue.name) }
        try await Task.sleep(for: pause.time)  // allowed: the fault itself
        try await insist { try await store.resume(pause.queue.name) }
    }

    /// Does what Redis may be away for, until it is done.
    private func insist(_ body: () async throws -> Void) async throws {
        while (try? await body()) == nil {
            try await Task.sleep(for: .milliseconds(20))  // allowed: the pause between two tries
        }
    }

    /// Notes each time at which the driver, with the network in it, or Redis stood still of its own accord: on a busy
    /// machine a lease may run out for no other reason.
    func watchForHiccups(_ direct: RedisClient, until isOver: () -> Bool) async throws {
        var last = Instant.current
        while !isOver() {
            try await Task.sleep(for: .milliseconds(50))  // allowed: the pause between two looks
            _ = try? await direct.send(RedisCommand("PING"))
            let now = Instant.current
            if now - last > settings.lease.components.seconds * 300_000 {
                log.add(.init(what: "hiccup", from: last, to: now))
            }
            last = now
        }
    }
}
