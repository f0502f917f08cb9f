import Logging
import Redis
import Synchronization

/// Ends attempts at the server, as many in one call as have ended since the last.
final class Settler: Sendable {
    private let scope: QueueScope
    private let batcher: Batcher<Settlement, Settlement.Answer>
    /// When a worker that stops no longer waits for a Redis that is away.
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    init(scope: QueueScope) {
        self.scope = scope
        // A script cannot hand on more than a few thousand words. No more than the slots can ever wait, so nothing is
        // refused for want of room.
        batcher = Batcher(limit: min(scope.options.settleBatch, 1000), capacity: scope.inFlight.slots + 1)
    }

    /// Settles, and waits until the server has answered.
    func settle(_ settlement: Settlement) async -> Settlement.Answer {
        await batcher.submit(settlement) ?? .lost
    }

    func run() async { await batcher.run(perform) }

    /// Returns from ``run()`` once everything handed in is answered; what is handed in later is `lost`.
    func stop() { batcher.stop() }

    /// From this moment on a call that fails is not made again.
    func giveUp(at end: ContinuousClock.Instant) { self.end.withLock { $0 = end } }

    /// Settles each of a refused batch alone, so that the one that is refused does not hold up the others. That one is
    /// given up, and delivered again.
    private func alone(_ batch: [Settlement], refusal: RedisError) async -> [Settlement.Answer] {
        guard batch.count > 1 else {
            scope.logger.error(
                "A settlement was refused",
                metadata: ["queue": "\(scope.queue.name)", "entry": "\(batch[0].entry)", "error": "\(refusal)"])
            return [.lost]
        }
        var answers: [Settlement.Answer] = []
        for settlement in batch { answers += await perform([settlement]) }
        return answers
    }

    /// Makes one call, again and again until the server has answered: nothing else can end these deliveries. Those
    /// given up will be delivered again.
    private func perform(_ batch: [Settlement]) async -> [Settlement.Answer] {
        let order = batch.indices.sorted { batch[$0].entry < batch[$1].entry }
        let call = ScriptCall.settle(order.map { batch[$0] }, scope: scope)
        var answers = [Settlement.Answer](repeating: .lost, count: batch.count)
        var backoff = Backoff()
        var mayHaveRun = false
        while true {
            do {
                for (index, code) in zip(order, try await scope.redis.run(call).array ?? []) {
                    answers[index] = Settlement.Answer(code: code.int, of: batch[index].verb, mayHaveRun: mayHaveRun)
                }
                return answers
            } catch let error where error.serverCode == "NOGROUP" {
                // The group was destroyed. Its reader makes it anew, and is given these entries again; this delivery
                // of them is nobody's any more.
                return [Settlement.Answer](repeating: .fenced, count: batch.count)
            } catch let error where error.code == .refused && !error.isTemporary {
                return await alone(batch, refusal: error)
            } catch {
                mayHaveRun = mayHaveRun || error.mayHaveRun
                scope.logger.warning(
                    "Settling failed and will be tried again",
                    metadata: [
                        "queue": "\(scope.queue.name)", "settlements": "\(batch.count)", "error": "\(error)",
                    ])
            }
            if let end = end.withLock({ $0 }), ContinuousClock.now >= end { return answers }
            try? await Task.sleep(for: backoff.next())
        }
    }
}

extension RedisError {
    /// Whether the server refuses for now, and may take the same call later.
    fileprivate var isTemporary: Bool {
        ["LOADING", "BUSY", "READONLY", "MASTERDOWN", "NOREPLICAS", "MISCONF", "OOM", "TRYAGAIN", "CLUSTERDOWN"]
            .contains(serverCode)
    }
}

extension Settlement.Answer {
    /// - Parameter mayHaveRun: an earlier call with the same settlements was cut off; an entry that nobody holds, or that
    ///   is no longer this worker's though it was to be handed back, was then most likely settled by it.
    fileprivate init(code: Int64?, of verb: Settlement.Verb, mayHaveRun: Bool) {
        switch (code, verb) {
        case (1, _): self = .settled
        case (-1, _), (0, .release): self = mayHaveRun ? .settled : .fenced
        default: self = .fenced
        }
    }
}
