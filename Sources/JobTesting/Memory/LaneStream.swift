import JobRuntime
import NIOCore

/// What a stream entry says of a job.
struct QueuedJob {
    var id: JobID
    var kind: String
    var attempt: Int
    var enqueuedAt: Int64
    var payload: ByteBuffer
    var meta: JobMeta
}

/// Numbers the entries of a stream: by time, and ever larger.
struct EntrySequence {
    private var last = EntryID(milliseconds: 0, sequence: 0)

    mutating func next(at: Int64) -> EntryID {
        let following = EntryID(milliseconds: last.milliseconds, sequence: last.sequence + 1)
        last = max(following, EntryID(milliseconds: UInt64(at), sequence: 0))
        return last
    }
}

/// One lane of a queue: a stream of jobs and what its consumer group knows.
struct LaneStream {
    /// A delivery that is not settled.
    struct Pending {
        /// nil: nobody, it was handed back.
        var consumer: String?
        /// When it was delivered, or its lease last extended.
        var since: Int64
        var deliveries: Int
    }

    let lane: Lane
    var pending: [EntryID: Pending] = [:]
    var consumers: Set<String> = []
    /// Ascending.
    private(set) var entries: [(id: EntryID, job: QueuedJob)] = []
    private var sequence = EntrySequence()
    private var lastDelivered = EntryID(milliseconds: 0, sequence: 0)

    init(lane: Lane) { self.lane = lane }

    /// How many wait to be delivered.
    var waiting: Int { entries.count - pending.count }

    mutating func append(_ job: QueuedJob, at: Int64) -> EntryID {
        let id = sequence.next(at: at)
        entries.append((id, job))
        return id
    }

    /// Acknowledges and deletes an entry.
    mutating func remove(_ id: EntryID) -> QueuedJob? {
        pending[id] = nil
        let index = firstIndex(from: id)
        guard entries.indices.contains(index), entries[index].id == id else { return nil }
        return entries.remove(at: index).job
    }

    /// Delivers what nobody has had yet.
    mutating func deliver(_ count: Int, to consumer: String, at: Int64) -> [Delivered] {
        consumers.insert(consumer)
        var first = firstIndex(from: lastDelivered)
        if entries.indices.contains(first), entries[first].id == lastDelivered { first += 1 }
        return entries[first...].prefix(count).map { id, job in
            lastDelivered = id
            pending[id] = Pending(consumer: consumer, since: at, deliveries: 1)
            return Delivered(Entry(lane, id), job, deliveries: 1)
        }
    }

    /// Makes pending entries a consumer's, each with one more delivery.
    mutating func claim(_ ids: some Sequence<EntryID>, by consumer: String, at: Int64) -> [Delivered] {
        consumers.insert(consumer)
        return ids.compactMap { id in
            guard let deliveries = pending[id].map({ $0.deliveries + 1 }) else { return nil }
            pending[id] = Pending(consumer: consumer, since: at, deliveries: deliveries)
            return Delivered(Entry(lane, id), entries[firstIndex(from: id)].job, deliveries: deliveries)
        }
    }

    func isHeld(_ id: EntryID, by consumer: String, deliveries: Int) -> Bool {
        pending[id].map { $0.consumer == consumer && $0.deliveries == deliveries } ?? false
    }

    /// The place of the first entry that is not before an id.
    private func firstIndex(from id: EntryID) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Delivered {
    fileprivate convenience init(_ entry: Entry, _ job: QueuedJob, deliveries: Int) {
        self.init(
            entry: entry, deliveries: deliveries, job: job.id, kind: job.kind, attempt: job.attempt,
            enqueuedAt: job.enqueuedAt, payload: job.payload, meta: job.meta)
    }
}
