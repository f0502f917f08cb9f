import Logging
import Metrics
import NIOCore

/// Runs one delivered entry: finds its handler, runs it, and settles what came of it.
final class Executor: Sendable {
    private let scope: QueueScope
    private let handlers: JobHandlers
    private let middleware: [any JobMiddleware]
    private let settler: Settler
    private let random: @Sendable () -> Double

    /// - Parameter random: 0 up to 1, for the jitter of a wait.
    init(
        scope: QueueScope, handlers: JobHandlers, middleware: [any JobMiddleware], settler: Settler,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.scope = scope
        self.handlers = handlers
        self.middleware = middleware
        self.settler = settler
        self.random = random
    }

    /// Returns when the attempt has ended; whatever becomes of its settlement, the in-flight table holds it until then.
    func run(_ delivered: Delivered) async {
        let begin = scope.clock.now
        let notes = AttemptNotes()
        let registration = handlers[delivered.kind]
        scope.reportBegin(delivered)
        let startedAt = scope.storeClock.now
        count(delivered, startedAt)
        let verb = await attempt(delivered, registration, notes, startedAt)
        settle(
            EndedAttempt(
                delivered: delivered, registration: registration, notes: notes, begin: begin, end: scope.clock.now,
                verb: verb, followUps: followUps(to: verb.ending, of: delivered, registration, notes)))
    }

    /// An attempt that is to be settled.
    private struct EndedAttempt {
        let delivered: Delivered
        let registration: JobHandlers.Registration?
        let notes: AttemptNotes
        let begin: Duration
        let end: Duration
        let verb: Settlement.Verb
        let followUps: [NewJob]
    }

    /// Hands the end of an attempt to the settler. No task waits for what the store answers: it would be one for each job.
    private func settle(_ attempt: EndedAttempt) {
        let delivered = attempt.delivered
        let elapsed = attempt.end - attempt.begin
        guard let deliveries = scope.inFlight.attemptEnded(delivered) else {
            // It was handed back or given up while it ran, and there is nothing left to settle.
            if scope.inFlight.abandonedEnded(delivered) {
                scope.logger.warning(
                    "An attempt that was given up has ended", metadata: Self.metadata(delivered, elapsed))
            }
            return
        }
        let settlement = Settlement(
            delivered, deliveries: deliveries, elapsed: elapsed, verb: attempt.verb, followUps: attempt.followUps)
        settler.settle(settlement, of: delivered, in: attempt.notes.context) { [self] answer in
            // After an outage longer than the lease this worker may itself have been given the entry again.
            if answer == .fenced, scope.inFlight.attemptEnded(delivered) != deliveries { return settle(attempt) }
            scope.metrics.settling.record(duration: scope.clock.now - attempt.end)
            scope.report(settlement, answer, of: delivered, attempt.notes)
            if let ending = attempt.verb.ending, answer == .settled {
                attempt.registration?.ended?(ending) { attempt.notes[$0] }
            }
            scope.inFlight.end(delivered.entry)
        }
    }

    private func count(_ delivered: Delivered, _ startedAt: Int64) {
        let wait = startedAt - Int64(clamping: delivered.entry.id.milliseconds)
        scope.metrics.wait.recordMilliseconds(max(0, wait))
        if delivered.deliveries > 1 { scope.metrics.redelivered.increment() }
    }

    /// Gives back an entry that does not run here, or no longer counts as running here.
    ///
    /// - Parameter isUntouched: whether the job certainly was not begun.
    func handBack(_ held: Held, isUntouched: Bool) async {
        let settlement = Settlement(
            entry: held.entry, deliveries: held.deliveries, verb: .release(isUntouched: isUntouched))
        scope.report(settlement, await settler.settle(settlement), of: nil)
    }

    /// Ends a delivery whose attempt goes on in spite of being cancelled.
    func abandon(_ delivered: Delivered, deliveries: Int) async {
        guard let registration = handlers[delivered.kind], let timeout = timeout(registration) else { return }
        scope.counters.add { $0.abandoned += 1 }
        scope.metrics.abandoned.increment()
        scope.logger.error(
            "An attempt ignores its deadline and is given up: its handler does not stop when it is cancelled",
            metadata: Self.metadata(delivered, timeout))
        let notes = AttemptNotes()
        let error = "ran for longer than \(timeout) and did not stop when it was cancelled"
        let verb = verdict(delivered, registration)
            .verb(for: .retry(error: error), random: random())
        let settlement = Settlement(
            delivered, deliveries: deliveries, elapsed: timeout + scope.options.deadlineGrace, verb: verb,
            followUps: followUps(to: verb.ending, of: delivered, registration, notes))
        let answer = await settler.settle(settlement)
        scope.report(settlement, answer, of: delivered)
        if let ending = verb.ending, answer == .settled { registration.ended?(ending) { notes[$0] } }
        scope.inFlight.end(delivered.entry)
        guard scope.inFlight.usableSlots == 0 else { return }
        scope.logger.critical(
            "Attempts that were given up take all slots: nothing of the queue is run here until they end",
            metadata: ["queue": "\(scope.queue.name)"])
    }

    /// - Returns: how the delivery is to be ended.
    private func attempt(
        _ delivered: Delivered, _ registration: JobHandlers.Registration?, _ notes: AttemptNotes, _ startedAt: Int64
    ) async -> Settlement.Verb {
        let verdict = verdict(delivered, registration)
        if let verb = verdict.verbBeforeRun(maximumDeliveries: scope.options.maximumDeliveries) { return verb }
        guard let registration else { return verdict.verbWithoutHandler() }
        let outcome: Outcome
        do {
            outcome = try await run(registration, delivered.payload, value(of: delivered, notes, startedAt))
        } catch is CancellationError where Task.isCancelled {
            guard let timeout = timeout(registration), scope.inFlight.isOverdue(delivered.entry) else {
                return .release(isUntouched: true)
            }
            outcome = .retry(error: "ran for longer than \(timeout)")
        } catch {
            outcome = .retry(error: "\(error)")
        }
        return verdict.verb(for: outcome, random: random())
    }

    /// What is enqueued with the end of a job, as part of the job's trace.
    private func followUps(
        to ending: Ending?, of delivered: Delivered, _ registration: JobHandlers.Registration?, _ notes: AttemptNotes
    ) -> [NewJob] {
        guard let ending, let followUps = registration?.followUps else { return [] }
        let jobs = followUps(ending, delivered.payload, value(of: delivered, notes, scope.storeClock.now))
        let trace = notes.trace ?? delivered.meta.trace
        return trace.isEmpty ? jobs : jobs.map { $0.traced(trace) }
    }

    private func value(of delivered: Delivered, _ notes: AttemptNotes, _ startedAt: Int64) -> Attempt {
        Attempt(
            delivered, queue: scope.queue.name, startedAt: startedAt, consumer: scope.consumer,
            logger: scope.logger, notes: notes,
            isHeld: { [scope] in scope.inFlight.isLeased(delivered.entry, for: scope.options.lease * 2 / 3) }
        )
    }

    private func run(
        _ registration: JobHandlers.Registration, _ payload: ByteBuffer, _ attempt: Attempt
    ) async throws -> Outcome {
        if middleware.isEmpty { return try await registration.run(payload, attempt) }
        return try await middleware[...].run(attempt) { try await registration.run(payload, $0) }
    }

    /// How long an attempt may take.
    func timeout(of delivered: Delivered) -> Duration? { timeout(handlers[delivered.kind]) }

    private func timeout(_ registration: JobHandlers.Registration?) -> Duration? {
        registration?.timeout ?? scope.options.timeout
    }

    private func verdict(_ delivered: Delivered, _ registration: JobHandlers.Registration?) -> Verdict {
        Verdict(
            delivered: delivered, policy: registration?.policy ?? .standard, clock: { [scope] in scope.storeClock.now },
            settlesExpired: registration?.settlesExpired ?? false)
    }

    private static func metadata(_ delivered: Delivered, _ elapsed: Duration) -> Logger.Metadata {
        ["job": "\(delivered.job)", "kind": "\(delivered.kind)", "elapsed": "\(elapsed)"]
    }
}
