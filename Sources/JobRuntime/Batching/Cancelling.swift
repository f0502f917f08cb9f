/// Cancels what is not done by a moment. Its answer is waited for all the same: it has to heed the cancellation.
func cancelling<Answer: Sendable>(
    at deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async -> Answer
) async -> Answer {
    await withTaskGroup(of: Answer?.self) { tasks in
        tasks.addTask { await body() }
        tasks.addTask {
            try? await Task.sleep(until: deadline)
            return nil
        }
        while true {
            let ended = await tasks.next() ?? nil
            tasks.cancelAll()
            if let ended { return ended }
        }
    }
}
