/// Ends attempts whose time is up: cancels them, and where that does not help settles the delivery over their heads, so
/// that a handler that ignores cancellation holds neither its slot nor its job for ever.
struct Watchdog: Sendable {
    let scope: QueueScope
    let executor: Executor

    static let interval: Duration = .milliseconds(250)

    func run() async {
        // Settling may take as long as the store is away, and the deadlines of others do not wait for that.
        await withDiscardingTaskGroup { settling in
            while (try? await scope.clock.sleep(for: Self.interval)) != nil {
                scope.activity.tick(at: scope.clock.now)
                scope.inFlight.cancelOverdue(executor.timeout)
                for (delivered, deliveries) in scope.inFlight.abandon(after: scope.options.deadlineGrace) {
                    settling.addTask { await executor.abandon(delivered, deliveries: deliveries) }
                }
            }
        }
    }
}
