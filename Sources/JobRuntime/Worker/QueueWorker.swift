import Logging

/// Everything that works on one queue: a reader, the attempts it starts, a settler, a lease keeper, a watchdog, promoters
/// and a sweeper.
struct QueueWorker: Sendable {
    private let scope: QueueScope
    private let settler: Settler
    private let executor: Executor
    private let reader: Reader

    /// How long cancelled attempts have to end, once the drain is over; settlements have twice as long to be flushed.
    private static let grace: Duration = .seconds(3)

    init(scope: QueueScope, handlers: JobHandlers, middleware: [any JobMiddleware]) {
        self.scope = scope
        let settler = Settler(scope: scope)
        let executor = Executor(scope: scope, handlers: handlers, middleware: middleware, settler: settler)
        self.settler = settler
        reader = Reader(scope: scope) { delivered in
            // Owned by the in-flight table, which cancels it and waits for its end.
            scope.inFlight.attach(Task { await executor.run(delivered) }, to: delivered.entry)
        } handBack: { delivered in
            await executor.handBack(
                Held(entry: delivered.entry, deliveries: delivered.deliveries), isUntouched: true)
        }
        self.executor = executor
    }

    /// Works until told to stop; then lets what runs finish, hands back what does not, and leaves the group.
    func run(until stop: StopSignal) async {
        await withTaskGroup { services in
            services.addTask { await LeaseKeeper(scope: scope).run() }
            services.addTask { await Watchdog(scope: scope, executor: executor).run() }
            services.addTask { await Sweeper(scope: scope).run() }
            for set in DelayedSet.allCases {
                services.addTask { await Promoter(scope: scope, set: set).run() }
            }
            await withTaskGroup { settling in
                settling.addTask { await settler.run() }
                await reader.run()
                await stop.wait()
                await drain(unless: stop)
                settler.giveUp(at: .now + Self.grace * 2)
                await handBackTheRest()
                settler.stop()
            }
            services.cancelAll()
        }
        // Unless it still holds something: that is taken over when its lease has run out.
        try? await scope.store.leave(scope.queue, consumer: scope.consumer)
    }

    /// Stops reading. A read that waits is ended again and again, because it may only be about to begin.
    func stop() async {
        scope.inFlight.close()
        // Whatever the store does, the stop comes to an end.
        settler.giveUp(at: .now + scope.options.drain + Self.grace * 2)
        while !reader.hasEnded {
            await reader.unblock()
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Lets what runs finish, for as long as the options allow and nobody presses.
    private func drain(unless stop: StopSignal) async {
        let drain = scope.options.drain
        await firstToEnd([
            { await scope.inFlight.drained() }, { try? await Task.sleep(for: drain) }, { await stop.wait(for: .now) },
        ])
    }

    private func handBackTheRest() async {
        scope.inFlight.cancelAll()
        await firstToEnd([{ await scope.inFlight.drained() }, { try? await Task.sleep(for: Self.grace) }])
        let left = scope.inFlight.running()
        guard !left.isEmpty else { return }
        scope.logger.warning(
            "Attempts that ignore cancellation are handed back while they run",
            metadata: ["queue": "\(scope.queue.name)", "attempts": "\(left.count)"])
        for held in left {
            scope.inFlight.end(held.entry)
            await executor.handBack(held, isUntouched: false)
        }
    }
}

/// Runs operations side by side; when the first of them has ended the others are cancelled, and must end soon.
private func firstToEnd(_ operations: [@Sendable () async -> Void]) async {
    await withTaskGroup(of: Void.self) { race in
        for operation in operations { race.addTask { await operation() } }
        await race.next()
        race.cancelAll()
    }
}
