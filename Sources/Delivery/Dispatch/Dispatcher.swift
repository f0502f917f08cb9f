public import JobRuntime
import Logging
public import Messaging
public import NIOCore
import Redis

/// Runs the jobs of one channel: sees to it that a message may go, hands it to the first provider that takes it, and
/// never sends it again before it has asked what became of a try that was cut off.
public struct Dispatcher<Message: MessagePayload>: JobHandler {
    let routes: [Route<Message>]
    let services: DispatchServices
    let metrics: ChannelMetrics

    /// - Parameter routes: in the order in which they are tried.
    public init(_ routes: [Route<Message>], services: DispatchServices) {
        self.routes = routes
        self.services = services
        metrics = ChannelMetrics(
            channel: Message.channel, providers: routes.map(\.provider.name), factory: services.metrics)
        for route in routes { services.breakers.show(route.provider.name) }
    }

    /// A message that may have been sent does not end as expired before that is known.
    public var settlesExpired: Bool { true }

    public func run(_ message: Message, attempt: Attempt) async throws -> Outcome {
        try Task.checkCancellation()
        var memo = Memo(attempt.meta.memo)
        let hadDoubts = memo.doubts != nil
        await addDoubts(to: &memo, attempt)
        do {
            if Self.mayHaveBeenBegun(attempt), let result = try await provenByReport(attempt) {
                return .succeeded(result: result)
            }
            if let outcome = try await settleDoubts(&memo, isNew: !hadDoubts, message, attempt) { return outcome }
            return lasting(try await send(message, attempt, memo), memo)
        } catch is CancellationError where memo.doubts?.isEmpty == false {
            // Given back, it would be as if nothing were in doubt.
            return .snooze(for: .zero, reason: "was told to stop while it was in doubt", memo: memo.jobMemo)
        } catch let error as RedisError {
            if memo.doubts == nil { try Task.checkCancellation() }
            return .snooze(
                for: .seconds(1), reason: "Redis did not tell whether it may be sent: \(error.message)",
                memo: memo.jobMemo)
        }
    }

    public func followUps(to ending: Ending, of payload: ByteBuffer, attempt: Attempt) -> [NewJob] {
        MessageEvent(ending, channel: Message.channel, job: attempt.job, payload: payload)?.jobs(at: attempt.startedAt)
            ?? []
    }

    public func ended(_ ending: Ending, note: (_ name: String) -> String?) {
        metrics.ended(ending, at: note("provider"))
    }

    private func send(_ message: Message, _ attempt: Attempt, _ memo: Memo) async throws -> Outcome {
        guard !attempt.isOver() else { return .expired(error: "not sent before its time was over") }
        if let suppression = try await suppression(of: message) { return suppression }
        return try await tryRoutes(message, attempt, memo)
    }

    /// What holds for the rest of the message's life goes with it, whatever the attempt leaves. One that was sent again on
    /// the chance does not end as one that was not sent.
    private func lasting(_ outcome: Outcome, _ memo: Memo) -> Outcome {
        guard memo.mayBeSent == true || memo.restored != nil else { return outcome }
        func kept(_ left: JobMemo?) -> JobMemo {
            var kept = left.map { Memo($0.text) } ?? memo
            (kept.mayBeSent, kept.restored) = (memo.mayBeSent, memo.restored)
            return kept.jobMemo
        }
        return switch outcome {
        case .retry(let error, let after, let left): .retry(error: error, after: after, memo: kept(left))
        case .snooze(let wait, let reason, let left): .snooze(for: wait, reason: reason, memo: kept(left))
        case .dead(_, let error), .expired(let error), .discarded(_, let error):
            memo.mayBeSent == true ? .unknown(error: "an earlier try may have sent it; now: \(error)") : outcome
        case .succeeded, .unknown: outcome
        }
    }

    private func suppression(of message: Message) async throws -> Outcome? {
        let kind = Message.channel.addressKind
        guard let found = try await services.suppressions.find(kind, message.to) else { return nil }
        return .discarded(
            reason: .suppressed,
            error: "the recipient is on the suppression list (\(found.reason.rawValue)). Take it off the list to send.")
    }
}

// MARK: - The providers

extension Dispatcher {
    /// Tries one provider after the other, until one takes the message or has the last word on it.
    private func tryRoutes(
        _ message: Message, _ attempt: Attempt, _ memo: Memo
    ) async throws -> Outcome {
        var course = Course()
        var tried: [String] = []
        for route in routes {
            guard !attempt.isOver() else {
                course.isTooLate("no time for \(route.provider.name)")
                break
            }
            tried.append(route.provider.name)
            switch try await admission(route, message, attempt, memo, tried) {
            case .admitted: break
            case .closed(let wait, let reason):
                metrics.waits(for: route.provider.name, because: .breaker)
                tried.removeLast()
                course.mustWait(wait, reason)
                continue
            case .late(let reason):
                tried.removeLast()
                course.isTooLate(reason)
                continue
            case .later(let outcome): return outcome
            }
            guard attempt.isHeld else {
                route.leave(message, after: .zero)
                services.breakers.record(.neither, of: route.breakers(of: message), because: nil)
                return .snooze(for: .zero, reason: "the worker stood still for longer than its lease")
            }
            attempt.note("provider", route.provider.name)
            let begun = attempt.now
            let began = ContinuousClock.now
            let verdict = await route.provider.send(message, attempt: attempt)
            let took = ContinuousClock.now - began
            route.leave(message, after: took)
            metrics.asked(route.provider.name, verdict, took: took)
            if case .transient = verdict, Task.isCancelled {
                services.breakers.record(.neither, of: route.breakers(of: message), because: nil)
                throw CancellationError()
            }
            let judgement = Judgement(verdict, of: route.provider.name, begun: begun, attempt)
            await take(judgement, route, message, attempt)
            switch judgement.next {
            case .end(let outcome): return outcome
            case .nextRoute(let add): add(&course)
            }
        }
        return course.outcome(random: services.random())
    }

    /// What a judgement brings about beside the outcome. None of it may cost an acceptance: what fails here is logged.
    private func take(
        _ judgement: Judgement, _ route: Route<Message>, _ message: Message, _ attempt: Attempt
    ) async {
        let breakers = route.breakers(of: message)
        services.breakers.record(judgement.result, of: breakers, because: judgement.fault)
        if let scope = judgement.tripped, let fault = judgement.fault, let name = scope.breaker(of: breakers) {
            services.breakers.trip(name, for: Judgement.pauseWhenMisconfigured, because: fault)
        }
        do {
            if let id = judgement.receipt?.id, route.provider.canBeAsked {
                _ = try await services.state.claim(id, of: route.provider.name, for: attempt.job)
            }
            if let reason = judgement.fault?.suppresses {
                try await services.suppressions.add(
                    Suppression(
                        address: message.to, kind: Message.channel.addressKind, reason: reason, at: attempt.startedAt))
            }
        } catch {
            attempt.logger.error("Redis did not take what a provider told", metadata: ["error": "\(error)"])
        }
    }
}
