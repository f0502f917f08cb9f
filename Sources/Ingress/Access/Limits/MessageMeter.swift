import Synchronization

/// Counts a request's messages against its caller's quota. What is refused afterwards is given back.
final class MessageMeter: Sendable {
    private struct State {
        var taken = 0
        var standing: Standing.Share?
    }

    private let limiter: RequestLimiter
    let share: LimitAsk.Share
    private let state = Mutex(State())

    init(_ limiter: RequestLimiter, _ share: LimitAsk.Share) {
        self.limiter = limiter
        self.share = share
    }

    /// How the caller stood when it was last asked for.
    var standing: Standing.Share? { state.withLock(\.standing) }

    /// Takes so many messages of the quota, all or none.
    ///
    /// - Throws: ``Problem`` if there are not as many left.
    func take(_ messages: Int) async throws(Problem) {
        guard messages > 0, let standing = await limiter.admit(LimitAsk(quota: share, messages: messages)) else {
            return
        }
        note(standing, messages: messages)
        if standing.verdict == .overQuota, let share = standing.quota {
            throw .quotaExceeded(share, asked: messages)
        }
    }

    /// Gives back what was taken for messages that were not accepted after all.
    func giveBack(_ messages: Int) async {
        let (count, begin) = state.withLock { state in
            let count = min(messages, state.taken)
            state.taken -= count
            return (count, state.standing?.begin)
        }
        guard count > 0, let begin else { return }
        let ask = LimitAsk(quota: share, messages: -count, since: begin)
        if let standing = await limiter.admit(ask) { note(standing, messages: 0) }
    }

    func giveBackAll() async { await giveBack(.max) }

    func note(_ standing: Standing, messages: Int) {
        state.withLock { state in
            // What was taken of a stretch that is over cannot be given back.
            if state.standing?.begin != standing.quota?.begin { state.taken = 0 }
            state.standing = standing.quota
            if standing.verdict == .admitted { state.taken += messages }
        }
    }
}
