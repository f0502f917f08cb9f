import Redis

extension RedisStore {
    func makeReader(of queue: JobQueue, consumer: String) async throws(StoreError) -> any StreamReader {
        try await open(queue)
        do throws(RedisError) {
            let connection = try await redis.makeConnection(name: consumer)
            do throws(RedisError) {
                let id = try await connection.send(RedisCommand("CLIENT", "ID")).int
                return RedisStreamReader(
                    store: self, queue: queue, consumer: consumer, connection: connection, clientID: id)
            } catch {
                await connection.close()
                throw error
            }
        } catch {
            throw StoreError(error)
        }
    }

    /// Makes the queue known, and its groups.
    func open(_ queue: JobQueue) async throws(StoreError) {
        var call = ScriptCall(Scripts.open)
        call.keys(ofLanes: queue.name, keys)
        call.key(keys.queues)
        call.words(KeySpace.group, queue.name, queue.trackedWord)
        _ = try await run(call)
    }

    func reclaim(_ claim: Claim, of queue: JobQueue, consumer: String) async throws(StoreError) -> Reclaimed {
        var call = ScriptCall(Scripts.reclaim)
        call.keys(ofLanes: queue.name, keys)
        call.key(keys.paused)
        call.argument(KeySpace.group)
        call.argument(consumer)
        call.argument(queue.name)
        call.argument(claim.lease.milliseconds)
        call.argument(claim.most)
        for lane in Lane.allCases { call.argument(claim.cursors.map { $0[lane] ?? "0-0" } ?? "") }
        let reply = try await reply(to: call)
        guard let reclaimed = reply.read({ Reclaimed(&$0) }) else { throw .unexpected(reply.value, of: "reclaim.lua") }
        return reclaimed
    }

    func promote(
        _ set: DelayedSet, of queue: JobQueue, most: Int, mark: Int
    ) async throws(StoreError) -> Promotion {
        let key = keys.delayed(queue.name, set)
        // Mostly none is due: a look at one costs the server a tenth of a look at all.
        guard let first = try await waiting(in: key, most: 1).first else { return Promotion(moved: 0, next: nil) }
        let now = try await now()
        guard first.due <= now else { return Promotion(moved: 0, next: first.due - now) }
        let jobs = try await waiting(in: key, most: most)
        let due = jobs.prefix { $0.due <= now }
        let next = due.count < jobs.count ? jobs[due.count].due - now : due.isEmpty ? nil : 0
        guard !due.isEmpty else { return Promotion(moved: 0, next: next) }
        let moved = try await move(due.map(\.id), from: key, of: queue, mark: mark)
        return Promotion(moved: moved, next: moved < due.count ? 0 : next)
    }

    /// The jobs of a delayed set that are due first, and when each is.
    private func waiting(in set: String, most: Int) async throws(StoreError) -> [(id: String, due: Int64)] {
        let rows = try await send(RedisCommand("ZRANGE", set, "0", String(most - 1), "WITHSCORES")).array ?? []
        return stride(from: 0, to: rows.count - 1, by: 2).compactMap { index in
            guard let id = rows[index].string, let due = rows[index + 1].string.flatMap(Double.init) else { return nil }
            // Whatever stands there: a number too large is far away.
            return (id, Int64(min(max(due, -0x1p53), 0x1p53)))
        }
    }

    /// However many wait, a twentieth of the mark is moved all the same.
    private func move(_ ids: [String], from set: String, of queue: JobQueue, mark: Int) async throws(StoreError) -> Int
    {
        var call = ScriptCall(Scripts.promote)
        call.key(set)
        call.keys(ofLanes: queue.name, keys)
        call.key(keys.dead(queue.name))
        call.key(keys.events)
        call.key(keys.tail)
        call.argument(KeySpace.group)
        call.argument(queue.name)
        call.flag(queue.isTracked)
        call.flag(options.keepsEvents)
        call.argument(mark)
        call.argument(max(1, mark / 20))
        for id in ids {
            call.key(keys.record(id))
            call.argument(id)
        }
        return Int(try await run(call).int ?? 0)
    }

    func beat(
        _ heartbeat: [(field: String, value: String)], of consumer: String, life: Duration
    ) async throws(StoreError) -> Int64 {
        var call = ScriptCall(Scripts.heartbeat)
        call.key(keys.worker(consumer))
        call.key(keys.workers)
        call.argument(consumer)
        call.argument(life.milliseconds)
        for (field, value) in heartbeat { call.words(field, value) }
        let reply = try await run(call)
        guard let now = reply.int else { throw .unexpected(reply, of: "heartbeat.lua") }
        return now
    }

    func endHeartbeat(of consumer: String) async throws(StoreError) {
        _ = try await send(RedisCommand("DEL", keys.worker(consumer)))
        _ = try await send(RedisCommand("ZREM", keys.workers, consumer))
    }

    func leave(_ queue: JobQueue, consumer: String) async throws(StoreError) {
        _ = try await leave(queue, consumer: consumer, heartbeat: nil)
    }

    func sweep(_ queue: JobQueue) async throws(StoreError) -> [String] {
        var swept: Set<String> = []
        for lane in Lane.allCases {
            for row in try await consumers(of: keys.stream(queue.name, lane)) where row.pending == 0 {
                guard row.name != KeySpace.released, !swept.contains(row.name) else { continue }
                let left = try await leave(queue, consumer: row.name, heartbeat: keys.worker(row.name))
                if left > 0 { swept.insert(row.name) }
            }
        }
        return swept.sorted()
    }

    private func leave(_ queue: JobQueue, consumer: String, heartbeat: String?) async throws(StoreError) -> Int64 {
        let streams = Lane.allCases.map { keys.stream(queue.name, $0) }
        return try await leave(streams, group: KeySpace.group, consumer: consumer, heartbeat: heartbeat)
    }

    /// - Parameter heartbeat: the key of a worker whose consumer may only go if it is dead.
    /// - Returns: how many streams it was removed from.
    func leave(
        _ streams: [String], group: String, consumer: String, heartbeat: String?
    ) async throws(StoreError) -> Int64 {
        var call = ScriptCall(Scripts.leave)
        for stream in streams { call.key(stream) }
        if let heartbeat { call.key(heartbeat) }
        call.words(group, consumer, "\(streams.count)")
        return try await run(call).int ?? 0
    }

    /// The consumers that a stream's group knows; none where there is no stream, or no group, yet.
    func consumers(
        of stream: String, group: String = KeySpace.group
    ) async throws(StoreError) -> [(name: String, pending: Int)] {
        do {
            let rows = try await send(RedisCommand("XINFO", "CONSUMERS", stream, group)).array ?? []
            return rows.compactMap { row in
                guard let fields = row.map, let name = fields["name"]?.string else { return nil }
                return (name, Int(fields["pending"]?.int ?? 0))
            }
        } catch let error where error.code == .refused || error.code == .noGroup {
            return []
        }
    }

    func lastTick(of schedule: String, first: Int64) async throws(StoreError) -> Int64 {
        _ = try await send(RedisCommand("HSETNX", keys.schedules, schedule, "\(first)"))
        let reply = try await send(RedisCommand("HGET", keys.schedules, schedule))
        guard let tick = reply.int else { throw .unexpected(reply, of: "HGET") }
        return tick
    }
}

extension Reclaimed {
    /// - Returns: nil when it is not what reclaim.lua answers.
    init?(_ reply: inout RedisReply.Cursor) {
        guard let lanes = reply.array() else { return nil }
        self.init()
        isPaused = lanes == 0
        for lane in Lane.allCases.prefix(lanes) {
            guard reply.array() == 4, let cursor = reply.string() else { return nil }
            if cursor != "0-0", !cursor.isEmpty { cursors[lane] = cursor }
            // Their delivery counts stand behind the entries.
            var entries = reply
            reply.skip()
            guard let count = entries.array(), reply.array() == count else { return nil }
            for _ in 0..<count {
                guard let deliveries = reply.integer() else { return nil }
                let entry = Delivered.read(&entries, lane: lane, deliveries: Int(deliveries))
                if let entry { delivered.append(entry) }
            }
            guard let left = reply.array() else { return nil }
            for _ in 0..<left {
                guard let id = reply.string() else { return nil }
                deleted.append(id)
            }
        }
    }
}
