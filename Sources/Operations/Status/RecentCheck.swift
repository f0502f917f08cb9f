import Synchronization

/// A check that is made once for all who ask at about the same time: anybody may ask how a process does.
public final class RecentCheck: Sendable {
    private let life: Duration
    private let limit: Duration
    private let check: @Sendable () async -> String?
    private let last = Mutex<(at: ContinuousClock.Instant, answer: Task<String?, Never>)?>(nil)

    /// - Parameters:
    ///   - life: how long an answer stands.
    ///   - limit: how long a check may take.
    ///   - check: what is wrong; nil: nothing.
    public init(
        life: Duration = .milliseconds(500), limit: Duration = .seconds(2),
        _ check: @escaping @Sendable () async -> String?
    ) {
        self.life = life
        self.limit = limit
        self.check = check
    }

    /// What is wrong; nil: nothing.
    public var fault: String? {
        get async {
            let answer = last.withLock { last in
                let now = ContinuousClock.now
                if let last, now - last.at < life { return last.answer }
                let answer = Task { [check, limit] in await Self.first(check, within: limit) }
                last = (now, answer)
                return answer
            }
            return await answer.value
        }
    }

    private static func first(_ check: @escaping @Sendable () async -> String?, within limit: Duration) async -> String?
    {
        await withTaskGroup(of: String?.self) { race in
            race.addTask { await check() }
            race.addTask {
                try? await Task.sleep(for: limit)
                return "no answer within \(limit)"
            }
            defer { race.cancelAll() }
            return await race.next() ?? nil
        }
    }
}
