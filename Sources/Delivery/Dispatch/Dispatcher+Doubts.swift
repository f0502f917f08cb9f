import JobRuntime
import Logging
import Messaging

extension Dispatcher {
    /// How far Redis's clock and a provider's may differ, in milliseconds.
    private static var clockSkew: Int64 { 60_000 }

    /// The providers that a worker that died may have handed the message to.
    func doubtsAfterCrash(_ attempt: Attempt) async -> [Memo.Doubt] {
        attempt.logger.warning(
            "Delivered again after a worker died or lost its lease in the middle of this attempt",
            metadata: ["deliveries": "\(attempt.deliveries)"])
        let names: [String]
        do {
            let trail = try await services.state.trail(of: attempt.job, attempt: attempt.number)
            names = trail ?? routes.prefix(1).map(\.provider.name)
        } catch {
            names = routes.map(\.provider.name)
        }
        let harmless = routes.filter(\.provider.isIdempotent).map(\.provider.name)
        return names.filter { !harmless.contains($0) }.map {
            Memo.Doubt(provider: $0, since: attempt.queuedAt, asked: 0, countsAsAttempt: false)
        }
    }

    /// Finds out whether a try that was cut off has reached its provider.
    ///
    /// - Returns: nil: it has not, and the message is to be sent now.
    func settleDoubts(
        _ memo: inout Memo, _ message: Message, _ attempt: Attempt, _ time: AttemptTime
    ) async throws -> Outcome? {
        guard let doubts = memo.doubts, !doubts.isEmpty else { return nil }
        if let result = try await provenByReport(attempt) { return .succeeded(result: result) }
        var open: [Memo.Doubt] = []
        var wait: Duration?
        for doubt in doubts {
            switch try await ask(doubt, message, attempt, time) {
            case .sent(let receipt): return .succeeded(result: receipt.json)
            case .notSent: continue
            case .unknowable: return .unknown(error: doubt.hint)
            case .later(let later):
                var doubt = doubt
                doubt.asked += 1
                open.append(doubt)
                wait = min(wait ?? later, later)
            }
        }
        if let wait {
            memo.doubts = open
            let names = open.map(\.provider).joined(separator: ", ")
            return .snooze(for: wait, reason: "asking \(names) whether it has been sent", memo: memo.text)
        }
        memo.doubts = nil
        guard doubts.contains(where: \.countsAsAttempt) else { return nil }
        let names = doubts.map(\.provider).joined(separator: ", ")
        return .retry(error: "a try was cut off, and \(names) did not take the message", memo: memo.text)
    }

    /// What a callback has told meanwhile.
    private func provenByReport(_ attempt: Attempt) async throws -> String? {
        do {
            return try await services.jobs.record(of: attempt.job)?.report.map { $0.detail ?? "" }
        } catch {
            // A callback is one way to know; the provider can still be asked.
            return nil
        }
    }

    private func ask(
        _ doubt: Memo.Doubt, _ message: Message, _ attempt: Attempt, _ time: AttemptTime
    ) async throws -> Memo.Doubt.Answer {
        let route = routes.first { $0.provider.name == doubt.provider }
        let finding = await route?.provider.find(message, since: doubt.since - Self.clockSkew) ?? .unknowable
        try Task.checkCancellation()
        if case .found(let receipts) = finding {
            for var receipt in receipts {
                guard let id = receipt.id, let provider = route?.provider.name else { continue }
                if try await services.state.claim(id, of: provider, for: attempt.job) {
                    receipt.wasFound = true
                    attempt.logger.notice(
                        "Found at the provider, not sent again", metadata: ["provider": "\(provider)", "id": "\(id)"])
                    return .sent(receipt)
                }
            }
        }
        let mayResend = message.onAmbiguous == .resend || (attempt.meta.redrivenAt ?? 0) > doubt.since
        return doubt.answer(finding, now: time.now, mayResend: mayResend && !time.isOver)
    }
}

extension Memo.Doubt {
    enum Answer: Sendable, Equatable {
        case sent(Receipt)
        case notSent
        case later(Duration)
        /// Nobody can tell, and it must not be sent on the chance.
        case unknowable
    }

    /// A message that a provider took in the last moment must have had the time to show in its list.
    static let settlingTime = Duration.seconds(10)
    /// How long a callback may take that tells what cannot be asked.
    static let callbackTime = Duration.seconds(20)
    /// How long a provider is asked that does not answer.
    static let longestAsking = Duration.seconds(15 * 60)

    /// What follows where no message of the provider's was found to be this one. Pure.
    ///
    /// - Parameter mayResend: where nobody can tell.
    func answer(_ finding: Finding, now: Int64, mayResend: Bool) -> Answer {
        let age = Duration.milliseconds(max(0, now - since))
        switch finding {
        case .found:
            return age < Self.settlingTime ? .later(Self.settlingTime - age) : .notSent
        case .unavailable where age < Self.longestAsking:
            return .later(min(.seconds(60), .seconds(2) * (1 << min(asked, 6))))
        case .unknowable where age < Self.callbackTime:
            return .later(Self.callbackTime - age)
        case .unavailable, .unknowable:
            return mayResend ? .notSent : .unknowable
        }
    }

    var hint: String {
        """
        \(provider) may have taken the message, and nobody can tell. Look it up there; then mark it as sent \
        (posthaste resolve), redrive it to send it again, or drop it.
        """
    }
}
