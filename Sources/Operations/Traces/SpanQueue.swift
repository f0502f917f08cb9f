import CoreMetrics
import Synchronization

/// The spans that are over and wait to be sent. It holds so many; what does not fit is left out and counted, so that
/// nobody ever waits for a collector.
final class SpanQueue: Sendable {
    private struct Content {
        var spans: [SpanRecord] = []
        var dropped = 0
    }

    let capacity: Int
    private let content = Mutex(Content())
    private let waker: @Sendable () -> Void
    private let drops = Counter(label: "traces_dropped_total")

    /// - Parameter waker: called when there is a span where there was none.
    init(capacity: Int, waker: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.waker = waker
    }

    var count: Int { content.withLock(\.spans.count) }

    func add(_ span: SpanRecord) {
        let count = content.withLock { content in
            guard content.spans.count < capacity else {
                content.dropped += 1
                return 0
            }
            content.spans.append(span)
            return content.spans.count
        }
        switch count {
        case 0: drops.increment()
        case 1: waker()
        default: break
        }
    }

    /// Takes all there are.
    func take() -> [SpanRecord] {
        content.withLock { content in
            defer { content.spans = [] }
            return content.spans
        }
    }

    /// Counts spans that were taken and not delivered.
    func drop(_ count: Int) {
        content.withLock { $0.dropped += count }
        drops.increment(by: count)
    }

    /// How many were left out since this was last asked.
    func takeDropped() -> Int {
        content.withLock { content in
            defer { content.dropped = 0 }
            return content.dropped
        }
    }
}
