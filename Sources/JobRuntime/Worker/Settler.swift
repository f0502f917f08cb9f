import Logging
import Synchronization

import struct Redis.Backoff

/// Ends attempts at the store, as many in one call as have ended since the last.
final class Settler: Sendable {
    private let scope: QueueScope
    private let batcher: Batcher<Order, Void>
    /// When a worker that stops no longer waits for a store that is away.
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    init(scope: QueueScope) {
        self.scope = scope
        // A script cannot hand on more than a few thousand words. No more than the slots can ever wait, but for what
        // lanes that were waited on together gave beyond them; so nothing is refused for want of room.
        batcher = Batcher(
            limit: min(scope.options.settleBatch, 1000), capacity: scope.inFlight.slots + Lane.allCases.count)
    }

    /// A settlement, and what is to be done once the store has answered.
    private struct Order {
        let settlement: Settlement
        let finish: @Sendable (Settlement.Answer) -> Void
    }

    /// Settles, and waits until the store has answered.
    func settle(_ settlement: Settlement) async -> Settlement.Answer {
        await withCheckedContinuation { waiter in settle(settlement) { waiter.resume(returning: $0) } }
    }

    /// Settles, and returns at once.
    ///
    /// - Parameter finish: told what the store has answered.
    func settle(_ settlement: Settlement, then finish: @escaping @Sendable (Settlement.Answer) -> Void) {
        if !batcher.offer(Order(settlement: settlement, finish: finish)) { finish(.lost) }
    }

    func run() async {
        await withDiscardingTaskGroup { finishing in
            await batcher.run { orders in
                let answers = await perform(orders.map(\.settlement))
                // Beside the next call.
                finishing.addTask { for (order, answer) in zip(orders, answers) { order.finish(answer) } }
                return []
            }
        }
    }

    /// Returns from ``run()`` once everything handed in is answered; what is handed in later is `lost`.
    func stop() { batcher.stop() }

    /// From this moment on a call that fails is not made again.
    func giveUp(at end: ContinuousClock.Instant) {
        self.end.withLock { $0 = min($0 ?? end, end) }
    }

    /// Settles a batch, one call for each lane in it; the answers stand in its order.
    private func perform(_ batch: [Settlement]) async -> [Settlement.Answer] {
        let order = batch.indices.sorted { batch[$0].entry < batch[$1].entry }
        var answers = [Settlement.Answer](repeating: .lost, count: batch.count)
        var start = 0
        while start < order.count {
            let lane = batch[order[start]].entry.lane
            let run = order[start...].prefix { batch[$0].entry.lane == lane }
            for (index, answer) in zip(run, await settle(run.map { batch[$0] }, of: lane)) { answers[index] = answer }
            start = run.endIndex
        }
        return answers
    }

    /// Makes one call, again and again until the store has answered: nothing else can end these deliveries. Those given
    /// up will be delivered again.
    private func settle(_ batch: [Settlement], of lane: Lane) async -> [Settlement.Answer] {
        var backoff = Backoff()
        var mayHaveRun = false
        while true {
            do throws(StoreError) {
                let codes = try await scope.store.settle(
                    batch, of: scope.queue, lane: lane, consumer: scope.consumer)
                scope.activity.settleAnswer.set(scope.clock.now)
                return zip(batch, codes).map { .init($1, of: $0.verb, mayHaveRun: mayHaveRun) }
            } catch {
                mayHaveRun = mayHaveRun || error.mayHaveRun
                if error.code != .unavailable { scope.activity.settleAnswer.set(scope.clock.now) }
                switch error.code {
                case .noGroup:
                    // The group was destroyed. Its reader makes it anew, and is given these entries again; this
                    // delivery of them is nobody's any more.
                    return batch.map { _ in .fenced }
                case .refused:
                    return await alone(batch, of: lane, refusal: error)
                case .busy, .unavailable:
                    scope.logger.warning(
                        "Settling failed and will be tried again",
                        metadata: [
                            "queue": "\(scope.queue.name)", "settlements": "\(batch.count)", "error": "\(error)",
                        ])
                }
            }
            if let end = end.withLock({ $0 }), ContinuousClock.now >= end { return batch.map { _ in .lost } }
            try? await Task.sleep(for: backoff.next())
        }
    }

    /// Settles each of a refused batch alone, so that the one that is refused does not hold up the others. That one is
    /// given up, and delivered again.
    private func alone(_ batch: [Settlement], of lane: Lane, refusal: StoreError) async -> [Settlement.Answer] {
        guard batch.count > 1 else {
            scope.logger.error(
                "A settlement was refused",
                metadata: ["queue": "\(scope.queue.name)", "entry": "\(batch[0].entry)", "error": "\(refusal)"])
            return [.lost]
        }
        var answers: [Settlement.Answer] = []
        for settlement in batch { answers += await settle([settlement], of: lane) }
        return answers
    }
}

extension Settlement.Answer {
    /// - Parameter mayHaveRun: an earlier call with the same settlements was cut off; an entry that nobody holds, or that
    ///   is no longer this worker's though it was to be handed back, was then most likely settled by it.
    init(_ code: SettlementCode, of verb: Settlement.Verb, mayHaveRun: Bool) {
        switch (code, verb) {
        case (.settled, _): self = .settled
        case (.gone, _), (.held, .release): self = mayHaveRun ? .settled : .fenced
        case (.held, _): self = .fenced
        }
    }
}
