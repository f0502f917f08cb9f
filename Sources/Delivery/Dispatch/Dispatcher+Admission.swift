import JobRuntime
import Messaging

/// Whether a message may go to a provider now.
enum RouteAdmission: Sendable {
    case admitted
    /// Not before its time is over.
    case late(String)
    case later(Outcome)
}

extension Dispatcher {
    /// A wait that is not worth moving the job for.
    private static var shortWait: Duration { .milliseconds(250) }

    /// Waits for the message's turn in its sender's row, or puts the message off until then.
    func admission(
        _ route: Route<Message>, _ message: Message, _ attempt: Attempt, _ memo: Memo, _ time: AttemptTime
    ) async throws -> RouteAdmission {
        let provider = route.provider.name
        guard let cost = route.rates?.cost(of: message.from, segments: message.segments) else { return .admitted }
        if let turn = memo.turn, turn.provider == provider { return .admitted }
        let turn = try await services.state.takeTurn(
            of: message.from, at: provider, cost: cost, isUrgent: attempt.meta.lane == .high,
            before: attempt.meta.expiresAt)
        if let expiresAt = attempt.meta.expiresAt, turn.turn >= expiresAt {
            return .late("the turn of the sender at \(provider) comes after the message's time")
        }
        guard turn.wait > Self.shortWait else {
            if turn.wait > .zero { try await Task.sleep(for: turn.wait) }
            return .admitted
        }
        var memo = memo
        memo.turn = Memo.Turn(provider: provider, at: turn.turn)
        return .later(
            .snooze(
                for: turn.wait, reason: "waits for its turn at \(provider): its sender may send only so fast",
                memo: memo.text))
    }
}

extension MessagePayload {
    /// What a message counts in its sender's row: a text message its segments, everything else one.
    var segments: Int { (self as? SMS).map { Segments($0.body).count } ?? 1 }
}
