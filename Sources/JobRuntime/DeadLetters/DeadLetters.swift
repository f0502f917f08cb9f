/// The dead letters of queues: to look at, to put back into their queue, to throw away.
///
/// Everything goes through a queue's letters in pages, the oldest first, and several operators may do so at once: each
/// letter is redriven or dropped once.
public struct DeadLetters: Sendable {
    let storage: any Storage

    /// How many letters one call reads, whole: payloads may be long.
    private static let page = 100

    /// Which letters are meant.
    public enum Selection: Sendable, Equatable {
        case matching(DeadLetterFilter)
        case letters([DeadLetter.ID])

        public static let all = Selection.matching(DeadLetterFilter())
    }

    /// Some letters, and where to go on; nil when there are no more.
    public struct Page: Sendable, Equatable {
        public var letters: [DeadLetter]
        public var next: DeadLetter.ID?
    }

    /// Letters of a queue that match, oldest first, after one.
    public func list(
        _ queue: String, matching filter: DeadLetterFilter = DeadLetterFilter(), after: DeadLetter.ID? = nil,
        limit: Int = 50
    ) async throws(StoreError) -> Page {
        var found: [DeadLetter] = []
        var walk = Walk(.matching(filter), after: after, until: .max)
        while let page = try await next(queue, &walk) {
            for letter in page {
                if found.count == limit { return Page(letters: found, next: found.last?.id) }
                found.append(letter)
            }
        }
        return Page(letters: found, next: nil)
    }

    /// One letter; nil when it is not there.
    public func show(_ id: DeadLetter.ID, of queue: String) async throws(StoreError) -> DeadLetter? {
        try await storage.deadLetters(of: queue, after: id.predecessor, limit: 1).first { $0.id == id }
    }

    /// The letter of a job; nil when there is none. Found by the job's record, and by a search where it has none.
    public func show(_ job: JobID, of queue: String) async throws(StoreError) -> DeadLetter? {
        if let record = try await storage.record(of: job), record.queue == queue,
            let id = record.entry.flatMap({ DeadLetter.ID($0) }), let letter = try await show(id, of: queue),
            letter.job == job
        {
            return letter
        }
        return try await list(queue, matching: DeadLetterFilter(jobs: [job]), limit: 1).letters.first
    }

    /// How many letters are meant, by reason.
    public func count(_ queue: String, _ selection: Selection) async throws(StoreError) -> [DeadReason: Int] {
        var counts: [DeadReason: Int] = [:]
        var walk = Walk(selection, until: try await storage.now())
        while let page = try await next(queue, &walk) {
            for letter in page { counts[letter.reason, default: 0] += 1 }
        }
        return counts
    }

    /// The next page's letters that are meant; nil at the end.
    func next(_ queue: String, _ walk: inout Walk) async throws(StoreError) -> [DeadLetter]? {
        switch walk.selection {
        case .letters(let ids):
            guard walk.position < ids.count else { return nil }
            defer { walk.position += 1 }
            return try await show(ids[walk.position], of: queue).map { [$0] } ?? []
        case .matching(let filter):
            guard !walk.isOver else { return nil }
            let page = try await storage.deadLetters(of: queue, after: walk.after, limit: Self.page)
            let due = page.prefix { $0.id.entry.milliseconds <= walk.end }
            walk.after = due.last?.id ?? walk.after
            walk.isOver = due.count < Self.page
            return due.filter(filter.matches)
        }
    }

    /// A way through a queue's letters. It ends at those that died after it began: a letter that is redriven and dies
    /// again is not met twice.
    struct Walk {
        let selection: Selection
        var after: DeadLetter.ID?
        var position = 0
        var isOver = false
        /// The last millisecond.
        let end: UInt64
        private static let standstill: Int64 = 60_000

        init(_ selection: Selection, after: DeadLetter.ID? = nil, until end: Int64) {
            self.selection = selection
            self.after = after
            var end = end
            if case .matching(let filter) = selection {
                // A letter's id is when it was written: never before it died, and as much later as the script stood still.
                if let first = filter.diedAfter {
                    let start = DeadLetter.ID(EntryID(milliseconds: UInt64(clamping: first), sequence: .max))
                    self.after = after.map { max($0, start) } ?? start
                }
                if let before = filter.diedBefore { end = min(end - Self.standstill, before) + Self.standstill }
            }
            self.end = UInt64(clamping: end)
        }
    }
}

extension JobStore {
    public var deadLetters: DeadLetters { DeadLetters(storage: storage) }
}

extension DeadLetter.ID {
    /// The last id before it.
    fileprivate var predecessor: Self {
        let (milliseconds, sequence) = (entry.milliseconds, entry.sequence)
        if sequence > 0 { return Self(EntryID(milliseconds: milliseconds, sequence: sequence - 1)) }
        return Self(EntryID(milliseconds: max(milliseconds, 1) - 1, sequence: .max))
    }
}
