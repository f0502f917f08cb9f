public import ServiceLifecycle
import UnixSignals

extension Worker {
    /// Runs a group of services, this worker among them, until SIGTERM or SIGINT: the first shuts the group down
    /// gracefully, so that what runs may finish; the next cancels what runs, and hands it back (``skipDrain()``).
    ///
    /// - Parameter group: must not trap these signals itself.
    /// - Throws: what a service of the group throws.
    public func run(in group: ServiceGroup) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var isFirst = true
                for await _ in signals {
                    if isFirst { await group.triggerGracefulShutdown() } else { self.skipDrain() }
                    isFirst = false
                }
            }
            try await tasks.next()
            tasks.cancelAll()
        }
    }
}
