import JobRuntime
import Messaging

/// Whether a message may go to a provider now.
enum RouteAdmission: Sendable {
    /// It has a slot of its destination, which is to be given back.
    case admitted
    /// Its breaker is open.
    case closed(for: Duration, String)
    /// Not before its time is over.
    case late(String)
    case later(Outcome)
}

extension Dispatcher {
    /// A wait that is not worth moving the job for.
    private static var shortWait: Duration { .milliseconds(250) }

    /// How late a message may come to its turn, in milliseconds: after a long pause all would come at once.
    private static var turnLife: Int64 { 60_000 }

    /// Asks the breakers, waits for the message's turn in its sender's row, or puts the message off until then, and takes
    /// a slot of its destination.
    ///
    /// - Parameter tried: the providers of this attempt, this one last. Whoever gets the message after this worker has
    ///   died is to know of any other than the first.
    func admission(
        _ route: Route<Message>, _ message: Message, _ attempt: Attempt, _ memo: Memo, _ tried: [String]
    ) async throws -> RouteAdmission {
        let breakers = route.breakers(of: message)
        if let (name, wait) = services.breakers.refusal(of: breakers) {
            return .closed(for: wait, "the breaker of \(name) is open")
        }
        var isAdmitted = false
        // Whoever was let in to find out whether the destination is well again, and did not go there, says so.
        defer { if !isAdmitted { services.breakers.record(.neither, of: breakers, because: nil) } }
        if tried != [routes[0].provider.name] {
            try await services.state.leaveTrail(of: attempt.job, queuedAt: attempt.queuedAt, tried)
        }
        let admission = try await turn(route, message, attempt, memo)
        guard case .admitted = admission else { return admission }
        if let wait = route.enter(message) {
            metrics.waits(for: route.provider.name, because: .share)
            return .later(
                .snooze(
                    for: wait * (1 + services.random() / 10),
                    reason: "\(route.provider.destination(of: message)) has its share of the requests on their way"))
        }
        isAdmitted = true
        return .admitted
    }

    private func turn(
        _ route: Route<Message>, _ message: Message, _ attempt: Attempt, _ memo: Memo
    ) async throws -> RouteAdmission {
        let provider = route.provider.name
        guard let cost = route.rates?.cost(of: message.from, segments: message.segments) else { return .admitted }
        if let turn = memo.turn, turn.provider == provider, attempt.now < turn.at + Self.turnLife { return .admitted }
        let turn = try await services.state.takeTurn(
            of: message.from, at: provider, cost: cost, isUrgent: attempt.meta.lane == .high,
            before: attempt.meta.expiresAt)
        if let expiresAt = attempt.meta.expiresAt, turn.turn >= expiresAt {
            return .late("the turn of the sender at \(provider) comes after the message's time")
        }
        if turn.wait > .zero { metrics.waits(for: provider, because: .turn) }
        guard turn.wait > Self.shortWait else {
            if turn.wait > .zero { try await Task.sleep(for: turn.wait) }
            return .admitted
        }
        var memo = memo
        memo.turn = Memo.Turn(provider: provider, at: turn.turn)
        return .later(
            .snooze(
                for: turn.wait, reason: "waits for its turn at \(provider): its sender may send only so fast",
                memo: memo.jobMemo))
    }
}

extension MessagePayload {
    /// What a message counts in its sender's row: a text message its segments, everything else one.
    var segments: Int { (self as? SMS).map { Segments($0.body).count } ?? 1 }
}
