import FoundationEssentials
import JobRuntime
import Logging
import Messaging
import NIOCore
import NIOFoundationCompat

extension Dispatcher {
    /// How far Redis's clock and a provider's may differ, in milliseconds.
    private static var clockSkew: Int64 { 60_000 }
    /// How long after its creation at a provider a message is certainly claimed by the job that sent it, if that lives.
    private static var claimedAfter: Duration { .seconds(15) }

    /// Whether an earlier delivery, attempt or life of the job may have sent the message.
    static func mayHaveBeenBegun(_ attempt: Attempt) -> Bool {
        attempt.deliveries > 1 || attempt.number > 1 || attempt.meta.snoozes > 0 || attempt.meta.redrivenAt != nil
            || attempt.meta.restoredAt != nil
    }

    /// Adds what the deliveries before this one may have done.
    func addDoubts(to memo: inout Memo, _ attempt: Attempt) async {
        if let restoredAt = attempt.meta.restoredAt, memo.restored != restoredAt {
            memo.restored = restoredAt
            // Redis had lost it, and all that was known of its life before: it may have been with any of them, unless it
            // was not due yet.
            let wasDue = attempt.number > 1 || attempt.enqueuedAt <= restoredAt
            for route in routes where wasDue && !route.provider.isIdempotent {
                memo.add(
                    Memo.Doubt(
                        provider: route.provider.name, since: min(attempt.enqueuedAt, restoredAt), overAt: restoredAt,
                        countsAsAttempt: false))
            }
        }
        if attempt.deliveries > 1 {
            // The attempt's own line counts the deliveries.
            attempt.logger.debug(
                "Delivered again after a worker died or lost its lease in the middle of this attempt",
                metadata: ["deliveries": "\(attempt.deliveries)"])
            for name in await triedByTheDead(attempt) {
                memo.add(
                    Memo.Doubt(
                        provider: name, since: attempt.queuedAt, overAt: attempt.startedAt, countsAsAttempt: false))
            }
        }
        if let redrivenAt = attempt.meta.redrivenAt, attempt.number == 1, attempt.meta.snoozes == 0 {
            // A person wants it sent; those who can tell are asked all the same what its life before has come to.
            for route in routes where route.provider.canBeAsked {
                memo.add(
                    Memo.Doubt(
                        provider: route.provider.name, since: attempt.enqueuedAt, overAt: redrivenAt,
                        countsAsAttempt: false))
            }
        }
    }

    private func triedByTheDead(_ attempt: Attempt) async -> [String] {
        let names: [String]
        do {
            let trail = try await services.state.trail(of: attempt.job, queuedAt: attempt.queuedAt)
            names = trail ?? routes.prefix(1).map(\.provider.name)
        } catch {
            names = routes.map(\.provider.name)
        }
        let harmless = routes.filter(\.provider.isIdempotent).map(\.provider.name)
        return names.filter { !harmless.contains($0) }
    }

    /// Finds out whether a try that was cut off has reached its provider.
    ///
    /// - Parameter isNew: the doubts are of this delivery; after those of an earlier one the job is put into its queue
    ///   again before it is sent, so that they are not taken for what may be done from now on.
    /// - Returns: nil: it has not, and the message is to be sent now.
    func settleDoubts(
        _ memo: inout Memo, isNew: Bool, _ message: Message, _ attempt: Attempt
    ) async throws -> Outcome? {
        guard let doubts = memo.doubts, !doubts.isEmpty else { return nil }
        var (open, wait, unknown) = ([Memo.Doubt](), Duration?.none, [Memo.Doubt]())
        for doubt in doubts {
            switch try await ask(doubt, message, attempt) {
            case .sent(let receipt):
                attempt.note("provider", receipt.provider)
                return .succeeded(result: receipt.json)
            case .notSent: continue
            case .unknowable: unknown.append(doubt)
            case .later(let later):
                var doubt = doubt
                doubt.asked += 1
                open.append(doubt)
                wait = min(wait ?? later, later)
            }
        }
        if let wait {
            memo.doubts = open + unknown
            let names = open.map(\.provider).joined(separator: ", ")
            return .snooze(for: wait, reason: "asking \(names) whether it has been sent", memo: memo.jobMemo)
        }
        memo.doubts = nil
        if let doubt = unknown.first {
            attempt.note("provider", doubt.provider)
            guard mayResend(message, attempt, after: unknown) else { return .unknown(error: doubt.hint) }
            memo.mayBeSent = true
        }
        let names = doubts.map(\.provider).joined(separator: ", ")
        let what = unknown.isEmpty ? "\(names) did not take the message" : "nobody can tell whether it was sent"
        if doubts.contains(where: \.countsAsAttempt) {
            return .retry(error: "a try was cut off, and \(what)", memo: memo.jobMemo)
        }
        return isNew ? nil : .snooze(for: .zero, reason: "\(what); it is sent", memo: memo.jobMemo)
    }

    /// Where nobody can tell.
    private func mayResend(_ message: Message, _ attempt: Attempt, after doubts: [Memo.Doubt]) -> Bool {
        guard !attempt.isOver() else { return false }
        let redrivenAt = attempt.meta.redrivenAt ?? 0
        return message.onAmbiguous == .resend || doubts.allSatisfy { $0.since < redrivenAt }
    }

    /// What a callback has told meanwhile: the message has been sent.
    func provenByReport(_ attempt: Attempt) async throws -> String? {
        do {
            guard let report = try await services.jobs.record(of: attempt.job)?.report,
                report.at >= attempt.meta.redrivenAt ?? 0
            else { return nil }
            let detail = report.detail ?? ""
            if let told = try? JSONDecoder().decode(Told.self, from: ByteBuffer(string: detail)) {
                attempt.note("provider", told.provider)
            }
            return detail
        } catch {
            // A callback is one way to know; the provider can still be asked.
            return nil
        }
    }

    private func ask(
        _ doubt: Memo.Doubt, _ message: Message, _ attempt: Attempt
    ) async throws -> Memo.Doubt.Answer {
        let route = routes.first { $0.provider.name == doubt.provider }
        let finding = await route?.provider.find(message, since: doubt.since - Self.clockSkew) ?? .unknowable
        try Task.checkCancellation()
        guard case .found(let receipts) = finding else { return doubt.answer(finding, now: attempt.now) }
        var answer: Memo.Doubt.Answer?
        for receipt in receipts {
            guard let id = receipt.id else { continue }
            let age = receipt.at.map { Duration.milliseconds(attempt.now - $0) } ?? Self.claimedAfter
            if age < Self.claimedAfter || age > DeliveryState.claimLife {
                let claimant = try await services.state.claimant(of: id, at: doubt.provider)
                guard claimant == attempt.job else {
                    // Another job may have sent just this, and be about to claim it; or have claimed it long ago.
                    if claimant == nil {
                        answer = age < Self.claimedAfter ? .later(Self.claimedAfter - age) : .unknowable
                    }
                    continue
                }
            } else if try await !services.state.claim(id, of: doubt.provider, for: attempt.job) {
                continue
            }
            var receipt = receipt
            receipt.wasFound = true
            attempt.note("provider", doubt.provider)
            attempt.note("found", id)
            return .sent(receipt)
        }
        return answer ?? doubt.answer(finding, now: attempt.now)
    }
}

/// Who has told of a message in a callback.
private struct Told: Decodable {
    var provider: String
}

extension Memo.Doubt {
    enum Answer: Sendable, Equatable {
        case sent(Receipt)
        case notSent
        case later(Duration)
        /// Nobody can tell.
        case unknowable
    }

    /// A message that a provider took in the last moment must have had the time to show in its list.
    static let settlingTime = Duration.seconds(10)
    /// How long a callback may take that tells what cannot be asked.
    static let callbackTime = Duration.seconds(20)
    /// How long a provider is asked that does not answer.
    static let longestAsking = Duration.seconds(15 * 60)

    /// What follows where no message of the provider's was found to be this one. Pure.
    func answer(_ finding: Finding, now: Int64) -> Answer {
        let age = Duration.milliseconds(max(0, now - overAt))
        return switch finding {
        case .found where age < Self.settlingTime: .later(Self.settlingTime - age)
        case .found: .notSent
        case .unavailable where age < Self.longestAsking:
            .later(min(.seconds(60), .seconds(2) * (1 << min(asked, 6))))
        case .unknowable where age < Self.callbackTime: .later(Self.callbackTime - age)
        case .unavailable, .unknowable: .unknowable
        }
    }

    var hint: String {
        """
        \(provider) may have taken the message, and nobody can tell. Look it up there; then mark it as sent \
        (posthaste resolve), redrive it to send it again, or drop it.
        """
    }
}
