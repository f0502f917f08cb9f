import Logging

/// Runs one delivered entry: finds its handler, runs it, and settles what came of it.
struct Executor: Sendable {
    let scope: QueueScope
    let handlers: JobHandlers
    let settler: Settler

    /// How long a job of a kind that no handler here knows is put off: a deploy may bring one.
    private static let unknownKindWait: Duration = .seconds(30)

    func run(_ delivered: Delivered) async {
        let begin = ContinuousClock.now
        let verb = await attempt(delivered)
        let elapsed = ContinuousClock.now - begin
        // Not there: it was handed back while it ran, and there is nothing left to settle.
        while let deliveries = scope.inFlight.deliveries(of: delivered.entry) {
            let settlement = Settlement(
                entry: delivered.entry, deliveries: deliveries, job: delivered.isJob ? delivered.job : nil,
                attempt: delivered.attempt, elapsed: elapsed, verb: verb)
            let answer = await settler.settle(settlement)
            // After an outage longer than the lease this worker may itself have been given the entry again.
            if answer == .fenced, scope.inFlight.deliveries(of: delivered.entry) != deliveries { continue }
            report(settlement, answer)
            return scope.inFlight.end(delivered.entry)
        }
    }

    /// Gives back an entry that does not run here, or no longer counts as running here.
    ///
    /// - Parameter isUntouched: whether the job certainly was not begun.
    func handBack(_ entry: EntryID, deliveries: Int, isUntouched: Bool) async {
        let settlement = Settlement(entry: entry, deliveries: deliveries, verb: .release(isUntouched: isUntouched))
        report(settlement, await settler.settle(settlement))
    }

    /// - Returns: how the delivery is to be ended.
    private func attempt(_ delivered: Delivered) async -> Settlement.Verb {
        guard delivered.isJob else {
            return .dead(state: "dead", reason: .undecodable, error: "the entry's fields are not those of a job")
        }
        guard delivered.deliveries <= scope.options.maximumDeliveries else {
            return .dead(
                state: "dead", reason: .crashLoop,
                error: "delivered \(delivered.deliveries) times and never settled")
        }
        guard let registration = handlers[delivered.kind] else {
            return .retry(
                wait: Self.unknownKindWait, attempt: delivered.attempt, error: "no handler for kind \(delivered.kind)")
        }
        let outcome: Outcome
        do {
            outcome = try await registration.run(delivered.payload, attempt(of: delivered))
        } catch is CancellationError where Task.isCancelled {
            return .release(isUntouched: true)
        } catch {
            outcome = .retry(error: "\(error)")
        }
        return Settlement.Verb(
            outcome, attempt: delivered.attempt, policy: registration.policy, random: .random(in: 0..<1))
    }

    private func attempt(of delivered: Delivered) -> Attempt {
        Attempt(
            job: delivered.job, kind: delivered.kind, queue: scope.queue.name, number: delivered.attempt,
            deliveries: delivered.deliveries, enqueuedAt: delivered.enqueuedAt, consumer: scope.consumer,
            logger: scope.logger)
    }

    private func report(_ settlement: Settlement, _ answer: Settlement.Answer) {
        var metadata: Logger.Metadata {
            [
                "queue": "\(scope.queue.name)", "job": "\(settlement.job?.description ?? "none")",
                "attempt": "\(settlement.attempt)",
                "deliveries": "\(settlement.deliveries)", "elapsed": "\(settlement.elapsed)",
            ]
        }
        switch (answer, settlement.verb) {
        case (.settled, .done):
            scope.counters.add(to: \.done)
            scope.logger.debug("Job done", metadata: metadata)
        case (.settled, .retry(let wait, _, let error)):
            scope.counters.add(to: \.failed)
            scope.logger.info(
                "Job will be tried again", metadata: metadata.merging(["error": "\(error)", "wait": "\(wait)"]) { $1 })
        case (.settled, .dead(_, let reason, let error)):
            scope.counters.add(to: \.failed)
            scope.logger.warning(
                "Job is a dead letter",
                metadata: metadata.merging(["error": "\(error)", "reason": "\(reason.rawValue)"]) { $1 })
        case (.settled, .release):
            scope.counters.add(to: \.released)
            scope.logger.info("Job handed back", metadata: metadata)
        case (.fenced, _):
            scope.counters.add(to: \.fenced)
            scope.logger.warning("Settlement fenced: the job is another worker's", metadata: metadata)
        case (.lost, _):
            scope.logger.error(
                "The job could not be settled: it will be delivered again", metadata: metadata)
        }
    }
}
