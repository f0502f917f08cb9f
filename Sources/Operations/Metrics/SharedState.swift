/// The state of the queues for everybody who scrapes: gathered once for all who ask meanwhile, kept for a moment, and
/// given up where Redis takes too long, so that no scrape costs more than another and none hangs.
actor SharedState {
    private let bound: Duration
    private let life: Duration
    private let gather: @Sendable () async -> GaugePage?
    private let otherwise: @Sendable () -> GaugePage
    private var known: (text: String, at: ContinuousClock.Instant)?
    private var gathering: Task<String, Never>?

    /// - Parameters:
    ///   - bound: how long gathering may take. It ends early when it is cancelled.
    ///   - life: how long what was gathered is given again.
    ///   - gather: nil: there was nothing to be had.
    init(
        within bound: Duration, for life: Duration, gather: @escaping @Sendable () async -> GaugePage?,
        otherwise: @escaping @Sendable () -> GaugePage
    ) {
        self.bound = bound
        self.life = life
        self.gather = gather
        self.otherwise = otherwise
    }

    func text() async -> String {
        if let known, ContinuousClock.now - known.at < life { return known.text }
        if let gathering { return await gathering.value }
        // A task of its own: who asked first may go away, and the others still wait for it. It ends within the bound.
        let task = Task { await (self.gatherInTime() ?? self.otherwise()).text }
        gathering = task
        let text = await task.value
        known = (text, .now)
        gathering = nil
        return text
    }

    private nonisolated func gatherInTime() async -> GaugePage? {
        await withTaskGroup { race in
            race.addTask { await self.gather() }
            race.addTask {
                try? await Task.sleep(for: self.bound)
                return nil
            }
            defer { race.cancelAll() }
            return await race.next() ?? nil
        }
    }
}
