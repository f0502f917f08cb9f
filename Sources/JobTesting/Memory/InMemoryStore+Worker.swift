import JobRuntime
import NIOCore

extension InMemoryStore {
    func makeReader(of queue: JobQueue, consumer: String) -> any StreamReader {
        InMemoryReader(store: self, queue: queue.name, consumer: consumer)
    }

    func reclaim(_ claim: Claim, of queue: JobQueue, consumer: String) throws(StoreError) -> Reclaimed {
        try call { memory throws(StoreError) in
            var reclaimed = Reclaimed()
            reclaimed.isPaused = memory.paused.contains(queue.name)
            if reclaimed.isPaused { return reclaimed }
            try memory[queue.name].requireGroup()
            let time = memory.time
            for lane in Lane.allCases {
                let left = claim.most - reclaimed.delivered.count
                let found = memory[queue.name][lane].leftBehind(claim, most: left, at: time)
                reclaimed.cursors[lane] = found.cursor
                reclaimed.delivered += memory[queue.name][lane].claim(found.ids, by: consumer, at: time)
            }
            return reclaimed
        }
    }

    func extend(
        _ held: [Held], of queue: JobQueue, lane: Lane, consumer: String
    ) throws(StoreError) -> [Bool] {
        try call { memory throws(StoreError) in
            try memory[queue.name].requireGroup()
            let time = memory.time
            return held.map { held in
                guard memory[queue.name][lane].isHeld(held.entry.id, by: consumer, deliveries: held.deliveries)
                else { return false }
                memory[queue.name][lane].pending[held.entry.id]?.since = time
                return true
            }
        }
    }

    func promote(_ set: DelayedSet, of queue: JobQueue, most: Int, mark: Int) -> Promotion {
        call { memory in
            let page = (memory[queue.name].delayed[set] ?? [:])
                .sorted { ($0.value, $0.key.description) < ($1.value, $1.key.description) }.prefix(most)
            let due = page.prefix { memory.isOver($0.value) }
            let waiting = memory[queue.name].lanes.reduce(0) { $0 + $1.waiting }
            let moved = due.prefix(max(mark - waiting, max(1, mark / 20)))
            for (id, _) in moved { memory.promote(id, from: set, of: queue) }
            if moved.count < due.count { return Promotion(moved: moved.count, next: 0) }
            let next = page.dropFirst(due.count).first.map { $0.value - memory.time }
            return Promotion(moved: moved.count, next: page.isEmpty ? nil : next ?? 0)
        }
    }

    func beat(
        _ heartbeat: [(field: String, value: String)], of consumer: String, life: Duration
    ) -> Int64 {
        call { memory in
            memory.heartbeats[consumer] = memory.time + life.milliseconds
            return memory.time
        }
    }

    func endHeartbeat(of consumer: String) { call { $0.heartbeats[consumer] = nil } }

    func leave(_ queue: JobQueue, consumer: String) { call { $0[queue.name].leave(consumer) } }

    func sweep(_ queue: JobQueue) -> [String] {
        call { memory in
            let idle = Set(memory[queue.name].lanes.flatMap { lane in lane.consumers.filter { !lane.holds($0) } })
            let dead = idle.filter { memory.heartbeats[$0].map(memory.isOver) ?? true }
            for consumer in dead { memory[queue.name].leave(consumer) }
            return dead.sorted()
        }
    }

    func lastTick(of schedule: String, first: Int64) -> Int64 {
        call { memory in
            let last = memory.ticks[schedule] ?? first
            memory.ticks[schedule] = last
            return last
        }
    }
}

extension Memory {
    fileprivate mutating func promote(_ id: JobID, from set: DelayedSet, of queue: JobQueue) {
        let due = self[queue.name].delayed[set]?.removeValue(forKey: id)
        guard var record = self[record: id] else { return }
        // A job that was enqueued for later is as old as it could have been run.
        if set == .scheduled, let due { record.job.enqueuedAt = due }
        record.queue(as: append(record.job, to: queue.name, record.shown.lane))
        self[record: id] = queue.isTracked ? record : nil
    }
}

extension Memory.Queue {
    func requireGroup() throws(StoreError) {
        guard hasGroup else { throw StoreError(.noGroup, "nobody has read the queue yet") }
    }

    /// Removes a consumer from the lanes in which it holds nothing.
    mutating func leave(_ consumer: String) {
        for lane in Lane.allCases where !self[lane].holds(consumer) { self[lane].consumers.remove(consumer) }
    }
}

extension LaneStream {
    func holds(_ consumer: String) -> Bool { pending.values.contains { $0.consumer == consumer } }

    /// What others left: first what was handed back, then, where there is to be a scan, what has shown no sign of life
    /// for as long as the lease.
    ///
    /// - Returns: and where the next scan goes on; nil when this one came to the end.
    fileprivate func leftBehind(_ claim: Claim, most: Int, at: Int64) -> (ids: [EntryID], cursor: String?) {
        var ids = Array(pending.filter { $0.value.consumer == nil }.keys.sorted().prefix(most))
        guard let cursors = claim.cursors else { return (ids, nil) }
        guard ids.count < most else { return (ids, cursors[lane]) }
        let start = cursors[lane].flatMap { EntryID(ByteBuffer(string: $0)) }
        let scanned = pending.keys.filter { id in start.map { $0 <= id } ?? true }.sorted()
        var looks = 10 * (most - ids.count)
        for id in scanned {
            if looks == 0 || ids.count == most { return (ids, "\(id)") }
            looks -= 1
            guard let pending = pending[id], pending.consumer != nil else { continue }
            if at - pending.since >= claim.lease.milliseconds { ids.append(id) }
        }
        return (ids, nil)
    }
}
