import JobRuntime
import Synchronization

/// Reads a queue's streams; who waits is woken by what is put into them, or by the clock.
final class InMemoryReader: StreamReader {
    private let store: InMemoryStore
    private let queue: String
    private let consumer: String
    private let waiting = Mutex<Bell?>(nil)

    init(store: InMemoryStore, queue: String, consumer: String) {
        self.store = store
        self.queue = queue
        self.consumer = consumer
        store.call { $0[queue].hasGroup = true }
    }

    func read(_ reads: [LaneRead]) -> [Delivered] {
        store.call { memory in
            let time = memory.time
            return reads.flatMap { memory[queue][$0.lane].deliver($0.count, to: consumer, at: time) }
        }
    }

    func wait(_ count: Int, for time: Duration) async -> [Delivered] {
        let reads = Lane.allCases.map { LaneRead($0, count) }
        let bell = Bell()
        store.call { $0[queue].bells[ObjectIdentifier(bell)] = bell }
        waiting.withLock { $0 = bell }
        let ticket = store.clock.ring(bell, after: time)
        var delivered = read(reads)
        if delivered.isEmpty {
            await bell.wait()
            delivered = read(reads)
        }
        store.clock.forget(ticket)
        waiting.withLock { $0 = nil }
        store.call { $0[queue].bells[ObjectIdentifier(bell)] = nil }
        return delivered
    }

    func unblock() { waiting.withLock { $0 }?.ring() }

    func close() {}
}
