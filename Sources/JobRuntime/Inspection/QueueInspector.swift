public import Redis

/// Looks at queues, workers and jobs in Redis without touching them. It never searches the keys, and what may be long it
/// reads in pages, or counts on the server.
public struct QueueInspector: Sendable {
    let store: RedisStore
    var keys: KeySpace { store.keys }

    /// - Parameter redis: must be running.
    public init(redis: RedisClient, keys: KeySpace = KeySpace()) {
        store = RedisStore(redis: redis, keys: keys)
    }

    /// Every queue that was ever used, and whether it is tracked.
    public func queueNames() async throws(StoreError) -> [String: Bool] {
        let fields = try await store.send(RedisCommand("HGETALL", keys.queues)).map ?? [:]
        return fields.mapValues { $0.string == "tracked" }
    }

    /// Redis's clock.
    public func now() async throws(StoreError) -> Moment { Moment(try await store.now()) }

    /// Every queue that was ever used, by name.
    ///
    /// - Parameter first: queues that come first, in this order, though nobody may have used them yet.
    public func queues(first: [String] = []) async throws(StoreError) -> [QueueStatus] {
        let known = try await queueNames()
        let names = first + known.keys.filter { !first.contains($0) }.sorted()
        let paused = Set(try await store.pausedQueues())
        let workers = try await livingWorkers()
        let now = try await store.now()
        return try await together(names) { name throws(StoreError) in
            var status = try await self.status(
                of: name, isTracked: known[name] ?? true, isPaused: paused.contains(name), now)
            let readers = workers.filter { $0.reads(name) }
            status.workers = readers.count
            status.slots = readers.slots(of: name)
            return status
        }
    }

    private func status(
        of queue: String, isTracked: Bool, isPaused: Bool, _ now: Int64
    ) async throws(StoreError) -> QueueStatus {
        var lanes: [LaneDepth] = []
        var oldest: EntryID?
        for lane in Lane.allCases {
            let stream = keys.stream(queue, lane)
            let summary = try await store.summary(of: stream)
            lanes.append(LaneDepth(lane, depth: summary.depth, pending: summary.pending))
            guard summary.depth > 0 else { continue }
            let waiting =
                summary.handedBack > 0
                ? try await store.firstHandedBack(in: stream)
                : try await store.firstEntry(of: stream, after: summary.lastDelivered)
            if let waiting { oldest = min(oldest ?? waiting, waiting) }
        }
        let (retrying, retryDue) = try await delayed(queue, .retry)
        let (scheduled, scheduledDue) = try await delayed(queue, .scheduled)
        return QueueStatus(
            queue: queue, isTracked: isTracked, isPaused: isPaused, lanes: lanes, retrying: retrying,
            retryDue: retryDue, scheduled: scheduled, scheduledDue: scheduledDue, dead: try await dead(queue),
            oldestWaiting: oldest.map { $0.age(at: now) })
    }

    private func delayed(_ queue: String, _ set: DelayedSet) async throws(StoreError) -> (count: Int, due: Moment?) {
        let key = keys.delayed(queue, set)
        let count = Int(try await store.send(RedisCommand("ZCARD", key)).int ?? 0)
        guard count > 0 else { return (0, nil) }
        let first = try await store.send(RedisCommand("ZRANGE", key, "0", "0", "WITHSCORES")).array ?? []
        return (count, first.last?.string.flatMap(Double.init).map { Moment(Int64($0)) })
    }

    private func dead(_ queue: String) async throws(StoreError) -> Int {
        Int(try await store.send(RedisCommand("XLEN", keys.dead(queue))).int ?? 0)
    }
}

extension QueueInspector {
    /// How many entries of a consumer are looked at in one call.
    static let page = 1000

    /// The queue's depth and who holds what of it. A queue that nobody has used yet is empty.
    public func pending(of queue: String) async throws(StoreError) -> QueuePending {
        var report = QueuePending(
            queue: queue, depth: 0, pending: 0, retrying: try await delayed(queue, .retry).count,
            dead: try await dead(queue), oldestAge: nil, consumers: [])
        let now = try await store.now()
        var consumers: [String: ConsumerPending] = [:]
        for lane in Lane.allCases {
            let stream = keys.stream(queue, lane)
            let summary = try await store.summary(of: stream)
            report.depth += summary.depth
            report.pending += summary.pending
            report.handedBack += summary.handedBack
            if summary.length > 0, let oldest = try await store.firstEntry(of: stream, after: nil) {
                report.oldestAge = max(report.oldestAge ?? 0, oldest.age(at: now))
            }
            // Those who hold nothing are named as well.
            for (name, _) in try await store.consumers(of: stream) where name != KeySpace.released {
                var consumer = ConsumerPending(name: name, pending: 0, idle: nil, deliveries: nil, isAlive: false)
                if let known = consumers[name] {
                    consumer = known
                } else {
                    consumer.isAlive = try await store.send(RedisCommand("EXISTS", keys.worker(name))).int == 1
                }
                consumer.pending += summary.held[name] ?? 0
                if summary.held[name] != nil { try await look(at: &consumer, in: stream) }
                consumers[name] = consumer
            }
        }
        report.consumers = consumers.values.sorted { ($0.idle ?? -1, $1.name) > ($1.idle ?? -1, $0.name) }
        return report
    }

    private func look(at consumer: inout ConsumerPending, in stream: String) async throws(StoreError) {
        var last: EntryID?
        while true {
            let rows = try await store.pendingRows(
                of: stream, consumer: consumer.name, after: last, limit: Self.page)
            for row in rows {
                consumer.idle = max(consumer.idle ?? 0, row.idle)
                consumer.deliveries = max(consumer.deliveries ?? 0, row.deliveries)
            }
            guard rows.count == Self.page else { return }
            last = rows.last?.entry
        }
    }
}

extension EntryID {
    /// Milliseconds since it was put in.
    fileprivate func age(at now: Int64) -> Int64 { max(0, now - Int64(clamping: milliseconds)) }
}
