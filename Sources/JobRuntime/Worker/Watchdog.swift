/// Ends attempts whose time is up: cancels them, and where that does not help settles the delivery over their heads, so
/// that a handler that ignores cancellation holds neither its slot nor its job for ever.
struct Watchdog: Sendable {
    let scope: QueueScope
    let executor: Executor

    static let interval: Duration = .milliseconds(250)

    func run() async {
        while (try? await scope.clock.sleep(for: Self.interval)) != nil {
            scope.inFlight.cancelOverdue(executor.timeout)
            for (delivered, deliveries) in scope.inFlight.abandon(after: scope.options.deadlineGrace) {
                await executor.abandon(delivered, deliveries: deliveries)
            }
        }
    }
}
