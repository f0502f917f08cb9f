import Redis

extension QueueInspector {
    /// Every worker that shows that it lives, and every one that does not and still holds something; by name.
    public func workers() async throws(StoreError) -> [WorkerStatus] {
        let held = try await held(of: queueNames().keys.sorted())
        var workers = try await livingWorkers()
        for index in workers.indices { workers[index].pending = held[workers[index].consumer] ?? 0 }
        let living = Set(workers.map(\.consumer))
        workers += held.filter { !living.contains($0.key) }.map {
            WorkerStatus($0.key, isAlive: false, pending: $0.value)
        }
        return workers.sorted { $0.consumer < $1.consumer }
    }

    /// How many entries each consumer holds in all of some queues.
    func held(of queues: [String]) async throws(StoreError) -> [String: Int] {
        let streams = queues.flatMap { queue in Lane.allCases.map { keys.stream(queue, $0) } }
        let summaries = try await together(streams) { stream throws(StoreError) in
            try await self.store.summary(of: stream)
        }
        return summaries.reduce(into: [:]) { held, summary in held.merge(summary.held, uniquingKeysWith: +) }
    }

    /// The workers whose heartbeat is there, without what they hold.
    func livingWorkers() async throws(StoreError) -> [WorkerStatus] {
        let now = try await store.now()
        let reply = try await store.send(
            RedisCommand("ZRANGEBYSCORE", keys.workers, "\(now)", "+inf", "WITHSCORES"))
        let members = reply.array ?? []
        let ends = stride(from: 0, to: members.count - 1, by: 2).compactMap { index -> (String, Int64)? in
            guard let name = members[index].string, let end = members[index + 1].string.flatMap(Double.init)
            else { return nil }
            return (name, Int64(end))
        }
        let workers = try await together(ends) { (name, end) throws(StoreError) in
            try await self.worker(name, heartbeatUntil: end)
        }
        // Who left meanwhile is not there any more.
        return workers.filter(\.isAlive)
    }

    private func worker(_ name: String, heartbeatUntil end: Int64) async throws(StoreError) -> WorkerStatus {
        let fields = try await store.send(RedisCommand("HGETALL", keys.worker(name))).map ?? [:]
        var worker = WorkerStatus(name, isAlive: !fields.isEmpty)
        worker.seenAt = Moment(end - Heartbeat.life.milliseconds)
        worker.read(fields.compactMapValues(\.string))
        return worker
    }
}

extension WorkerStatus {
    /// Reads the fields of `worker:<consumer>`, which another version may have written: what is missing stays as it is.
    mutating func read(_ fields: [String: String]) {
        func number(_ name: String) -> Int { fields[name].flatMap { Int($0) } ?? 0 }
        func list(_ name: String) -> [String] { fields[name]?.split(separator: ",").map(String.init) ?? [] }
        host = fields["host"] ?? ""
        pid = number("pid")
        version = fields["version"] ?? ""
        startedAt = fields["started"].flatMap { Int64($0) }.map(Moment.init)
        kinds = list("kinds")
        lease = fields["lease"].flatMap { Int64($0) }
        (slots, running, abandoned) = (number("slots"), number("running"), number("abandoned"))
        (done, failed, fenced) = (number("done"), number("failed"), number("fenced"))
        (reclaimed, released) = (number("reclaimed"), number("released"))
        let slotsByQueue = list("slots_by_queue").map { Int($0) ?? 0 }
        queues = list("queues").enumerated().map { index, name in
            Queue(name, slots: slotsByQueue.indices.contains(index) ? slotsByQueue[index] : 0)
        }
        longest = list("longest").compactMap { run in
            let parts = run.split(separator: "=")
            guard parts.count == 2, let job = JobID(parts[0]), let since = Int64(parts[1]) else { return nil }
            return Run(job, since: Moment(since))
        }
    }
}

extension [WorkerStatus] {
    /// How many jobs of a queue they can run at a time.
    func slots(of queue: String) -> Int {
        reduce(0) { sum, worker in sum + (worker.queues.first { $0.queue == queue }?.slots ?? 0) }
    }
}
