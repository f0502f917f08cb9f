import Logging
import Redis

/// Ends attempts at the server, as many in one call as have ended since the last.
struct Settler: Sendable {
    let scope: QueueScope
    private let batcher: Batcher<Settlement, Settlement.Answer>

    init(scope: QueueScope) {
        self.scope = scope
        // No more than the slots can ever wait, so nothing is refused for want of room.
        batcher = Batcher(limit: scope.options.settleBatch, capacity: scope.inFlight.slots + 1)
    }

    /// Settles, and waits until the server has answered.
    func settle(_ settlement: Settlement) async -> Settlement.Answer {
        await batcher.submit(settlement) ?? .lost
    }

    func run() async { await batcher.run(perform) }

    func stop() { batcher.stop() }

    /// Makes one call, again and again until the server has answered: nothing else can end these attempts. When the
    /// task is cancelled meanwhile they are given up, and will be delivered again.
    private func perform(_ batch: [Settlement]) async -> [Settlement.Answer] {
        let order = batch.indices.sorted { batch[$0].entry < batch[$1].entry }
        let call = ScriptCall.settle(order.map { batch[$0] }, scope: scope)
        var answers = [Settlement.Answer](repeating: .lost, count: batch.count)
        var backoff = Backoff()
        var mayHaveRun = false
        while true {
            do {
                for (index, code) in zip(order, try await scope.redis.run(call).array ?? []) {
                    answers[index] = Settlement.Answer(code: code.int, mayHaveRun: mayHaveRun)
                }
                return answers
            } catch let error where error.serverCode == "NOGROUP" {
                // The group was destroyed. Its reader makes it anew, and is given these entries again; this delivery
                // of them is nobody's any more.
                return [Settlement.Answer](repeating: .gone, count: batch.count)
            } catch {
                mayHaveRun = mayHaveRun || error.mayHaveRun
                scope.logger.warning(
                    "Settling failed and will be tried again",
                    metadata: [
                        "queue": "\(scope.queue.name)", "settlements": "\(batch.count)", "error": "\(error)",
                    ])
            }
            if (try? await Task.sleep(for: backoff.next())) == nil { return answers }
        }
    }
}

extension Settlement.Answer {
    /// - Parameter mayHaveRun: an earlier call with the same settlements was cut off; an entry that nobody holds was
    ///   then most likely settled by it.
    fileprivate init(code: Int64?, mayHaveRun: Bool) {
        switch code {
        case 1: self = .settled
        case -1: self = mayHaveRun ? .settled : .gone
        default: self = .fenced
        }
    }
}
