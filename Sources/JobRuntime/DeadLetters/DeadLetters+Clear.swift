extension DeadLetters {
    /// What became of the letters that were meant.
    public struct Tally: Sendable, Equatable, Codable {
        public var matched = 0
        /// Redriven, or dropped.
        public var done = 0
        /// Not redriven, because too little is left of them.
        public var notRedrivable = 0
        /// Not redriven, because they may have had their effect, and nobody said that they are meant as well.
        public var held = 0
        /// Somebody else was faster.
        public var gone = 0

        public init() {}

        private enum CodingKeys: String, CodingKey {
            case matched, done, held, gone
            case notRedrivable = "not_redrivable"
        }
    }

    /// How many letters one call redrives or drops: Redis does nothing else meanwhile.
    private static let batch = 100

    /// Puts letters back into their queue, as first attempts with all attempts before them.
    ///
    /// Those that may have had their effect (``DeadReason/isDoubtful``) are left, unless they are chosen by their ids or
    /// their reason, or `includingUnknown` says so. When the task is cancelled it stops, and tells what it has done.
    ///
    /// - Parameters:
    ///   - rate: how many per second at most; nil: as fast as it goes.
    ///   - progress: called after each call, with what was done so far.
    public func redrive(
        _ queue: String, _ selection: Selection, includingUnknown: Bool = false, perSecond rate: Int? = nil,
        progress: (Tally) -> Void = { _ in }
    ) async throws(StoreError) -> Tally {
        let takesUnknown = includingUnknown || selection.namesUnknown
        return try await clear(queue, selection, rate, progress) { (page, tally) throws(StoreError) in
            let whole = page.filter(\.isRedrivable)
            tally.notRedrivable += page.count - whole.count
            let meant = whole.filter { takesUnknown || !$0.reason.isDoubtful }
            tally.held += whole.count - meant.count
            return meant
        } each: { (letters) throws(StoreError) in
            try await storage.redrive(letters, of: queue)
        }
    }

    /// Throws letters away. The parameters are those of ``redrive(_:_:includingUnknown:perSecond:progress:)``.
    public func drop(
        _ queue: String, _ selection: Selection, perSecond rate: Int? = nil, progress: (Tally) -> Void = { _ in }
    ) async throws(StoreError) -> Tally {
        try await clear(queue, selection, rate, progress) { (page, _) throws(StoreError) in
            page
        } each: { (letters) throws(StoreError) in
            try await storage.drop(letters, of: queue)
        }
    }

    private func clear(
        _ queue: String, _ selection: Selection, _ rate: Int?, _ progress: (Tally) -> Void,
        meant: ([DeadLetter], inout Tally) throws(StoreError) -> [DeadLetter],
        each: @escaping @Sendable ([DeadLetter]) async throws(StoreError) -> [Bool]
    ) async throws(StoreError) -> Tally {
        var tally = Tally()
        var pace = Pace(rate)
        var walk = Walk(selection, until: try await storage.now())
        do throws(StoreError) {
            while let page = try await next(queue, &walk) {
                tally.matched += page.count
                var letters = try meant(page, &tally)[...]
                while !letters.isEmpty {
                    let batch = Array(letters.prefix(min(Self.batch, pace.stride)))
                    await pace.wait(for: batch.count)
                    if Task.isCancelled { return tally }
                    letters = letters.dropFirst(batch.count)
                    // What is begun is told of.
                    let answers = try await whole { () throws(StoreError) in try await each(batch) }
                    tally.done += answers.count(where: \.self)
                    tally.gone += answers.count { !$0 }
                    progress(tally)
                }
            }
        } catch {
            guard Task.isCancelled else { throw error }
        }
        return tally
    }
}

/// Does something to its end, whether or not this task is cancelled.
private func whole<Answer: Sendable>(
    _ body: @escaping @Sendable () async throws(StoreError) -> Answer
) async throws(StoreError) -> Answer {
    let result: Result<Answer, StoreError> = await Task {
        do throws(StoreError) { return .success(try await body()) } catch { return .failure(error) }
    }.value
    return try result.get()
}

extension DeadLetters.Selection {
    /// Whether letters that may have had their effect are certainly meant.
    fileprivate var namesUnknown: Bool {
        switch self {
        case .letters: true
        case .matching(let filter): filter.reason?.isDoubtful == true || filter.jobs != nil
        }
    }
}

/// Keeps to a rate, a few steps a second.
private struct Pace {
    private let rate: Int?
    private let begin = ContinuousClock.now
    private var done = 0

    init(_ rate: Int?) { self.rate = rate.map { max(1, $0) } }

    /// How many to do in one step.
    var stride: Int { rate.map { max(1, $0 / 4) } ?? .max }

    /// Waits until so many more may be done, or the task is cancelled.
    mutating func wait(for count: Int) async {
        defer { done += count }
        guard let rate else { return }
        try? await Task.sleep(until: begin + .seconds(Double(done) / Double(rate)))
    }
}
