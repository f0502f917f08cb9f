import Logging
import Redis

/// Everything that works on one queue: a reader, the attempts it starts, a settler, a lease keeper and a promoter.
struct QueueWorker: Sendable {
    private let scope: QueueScope
    private let settler: Settler
    private let executor: Executor
    private let reader: Reader

    /// How long cancelled attempts have to end, once the drain is over; settlements have twice as long to be flushed.
    private static let grace: Duration = .seconds(3)

    init(scope: QueueScope, handlers: JobHandlers) {
        self.scope = scope
        let settler = Settler(scope: scope)
        let executor = Executor(scope: scope, handlers: handlers, settler: settler)
        self.settler = settler
        reader = Reader(scope: scope) { delivered in
            // Owned by the in-flight table, which cancels it and waits for its end.
            scope.inFlight.attach(Task { await executor.run(delivered) }, to: delivered.entry)
        } handBack: { delivered in
            await executor.handBack(delivered.entry, deliveries: delivered.deliveries, isUntouched: true)
        }
        self.executor = executor
    }

    /// Works until ``stop()``; then lets what runs finish, hands back what does not, and leaves the group.
    func run(until stop: StopSignal) async {
        await withTaskGroup { services in
            services.addTask { await LeaseKeeper(scope: scope).run() }
            services.addTask { await Promoter(scope: scope).run() }
            await withTaskGroup { settling in
                settling.addTask { await settler.run() }
                await reader.run()
                if await stop.wait() == .drain { await drain() }
                settler.giveUp(at: .now + Self.grace * 2)
                await handBackTheRest()
                settler.stop()
            }
            services.cancelAll()
        }
        await leave()
    }

    /// Stops reading. A read that blocks is ended again and again, because it may only be about to begin.
    func stop() async {
        scope.inFlight.close()
        // Whatever Redis does, the stop comes to an end.
        settler.giveUp(at: .now + scope.options.drain + Self.grace * 2)
        while !reader.hasEnded {
            await reader.unblock()
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func drain() async {
        _ = await finishes(within: scope.options.drain) { await scope.inFlight.drained() }
    }

    private func handBackTheRest() async {
        scope.inFlight.cancelAll()
        if await finishes(within: Self.grace, { await scope.inFlight.drained() }) { return }
        let left = scope.inFlight.all
        scope.logger.warning(
            "Attempts that ignore cancellation are handed back while they run",
            metadata: ["queue": "\(scope.queue.name)", "attempts": "\(left.count)"])
        for (entry, deliveries) in left {
            scope.inFlight.end(entry)
            await executor.handBack(entry, deliveries: deliveries, isUntouched: false)
        }
    }

    /// Removes the consumer, unless it still holds something: that is taken over when its lease has run out.
    private func leave() async {
        _ = try? await scope.redis.run(scope.call(Scripts.leave, []))
    }
}

/// Whether an operation ends in time; it is cancelled when it does not.
private func finishes(within time: Duration, _ operation: @escaping @Sendable () async -> Void) async -> Bool {
    await withTaskGroup(of: Bool.self) { race in
        race.addTask {
            await operation()
            return true
        }
        race.addTask {
            try? await Task.sleep(for: time)
            return false
        }
        defer { race.cancelAll() }
        return await race.next() ?? true
    }
}
