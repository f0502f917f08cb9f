import Redis

extension RedisStore {
    func enqueue(
        _ jobs: ArraySlice<NewJob>, to queue: JobQueue, lane: Lane, limits: QueueLimits
    ) async throws(StoreError) -> EnqueueReply {
        do throws(StoreError) {
            try await register(queue)
        } catch {
            // Whatever became of that: none of the jobs was sent.
            throw StoreError(error.code, error.message)
        }
        let call = call(jobs, queue, lane, limits)
        guard let replicated else { return try Self.read(try await run(call)) }
        let (value, shortfall) = try await replicated.run(call)
        let reply = try Self.read(value)
        // What was refused is nowhere, and of a duplicate it is not known how safe it is.
        if let shortfall, reply.refusals < jobs.count { throw shortfall }
        return reply
    }

    func known(_ requests: [NewJob.Idempotency]) async throws(StoreError) -> [Receipt?] {
        guard !requests.isEmpty else { return [] }
        var command = RedisCommand("MGET")
        for request in requests { command.append(keys.idempotency(request.key)) }
        let reply = try await send(command)
        guard let values = reply.array, values.count == requests.count else { throw .unexpected(reply, of: "MGET") }
        return zip(requests, values).map { request, value in
            guard let parts = value.string?.split(separator: " "), parts.count == 3, parts[2] == request.fingerprint,
                let id = JobID(parts[0]), let at = Int64(parts[1])
            else { return nil }
            return Receipt(id: id, enqueuedAt: at, isDuplicate: true)
        }
    }

    func probe(_ queues: [(queue: JobQueue, limits: QueueLimits)]) async throws(StoreError) -> [String?] {
        var call = ScriptCall(Scripts.probe)
        call.key(keys.probe)
        call.key(keys.events)
        call.key(keys.memory)
        call.argument(1000)
        for (queue, limits) in queues {
            call.keys(ofLanes: queue.name, keys)
            call.append(limits, of: queue, keepsEvents: options.keepsEvents)
        }
        let reply: RedisValue
        if let replicated {
            let (value, shortfall) = try await replicated.run(call)
            if let shortfall { throw shortfall }
            reply = value
        } else {
            reply = try await run(call)
        }
        guard let reasons = reply.array, reasons.count == queues.count else {
            throw .unexpected(reply, of: "probe.lua")
        }
        return reasons.map { reason in reason.string.flatMap { $0.isEmpty ? nil : $0 } }
    }

    private static func read(_ reply: RedisValue) throws(StoreError) -> EnqueueReply {
        guard let parts = reply.array, let at = parts.first?.int else { throw .unexpected(reply, of: "enqueue.lua") }
        var exceptions: [Int: EnqueueReply.Exception] = [:]
        for index in stride(from: 1, to: parts.count - 3, by: 4) {
            guard let number = parts[index].int, let value = parts[index + 2].string else { continue }
            exceptions[Int(number) - 1] =
                switch parts[index + 1].string {
                case "full": .full(value)
                case "conflict": JobID(value).map { .conflict($0) }
                default: JobID(value).map { .duplicate($0, at: parts[index + 3].int) }
                }
        }
        return EnqueueReply(at: at, exceptions: exceptions)
    }

    private func call(
        _ jobs: ArraySlice<NewJob>, _ queue: JobQueue, _ lane: Lane, _ limits: QueueLimits
    ) -> ScriptCall {
        var call = ScriptCall(Scripts.enqueue)
        call.keys(ofLanes: queue.name, keys)
        call.key(keys.scheduled(queue.name))
        call.key(keys.events)
        call.key(keys.tail)
        call.key(keys.memory)
        call.argument(queue.name)
        call.flag(queue.isTracked)
        call.flag(options.keepsEvents)
        call.argument(lane.rawValue)
        call.append(limits, of: queue, keepsEvents: options.keepsEvents)
        call.argument(keys.recordPrefix)
        call.argument(jobs.count)
        for job in jobs {
            let id = job.id.description
            if queue.isTracked { call.key(keys.record(id)) }
            call.argument(id)
            call.argument(job.kind)
            call.argument(job.payload)
            call.argument(job.meta.json)
        }
        for (index, job) in jobs.enumerated() where job.hasExtras {
            append(job, number: index + 1, queue, to: &call)
        }
        return call
    }

    private func append(_ job: NewJob, number: Int, _ queue: JobQueue, to call: inout ScriptCall) {
        call.argument(number)
        call.argument(job.start.argument)
        if job.start != .now, !queue.isTracked { call.key(keys.record(job.id)) }
        if let tick = job.tick {
            call.key(keys.schedules)
            call.argument("tick")
            call.argument(tick.at)
            call.argument(tick.schedule)
        } else if let unique = job.unique {
            call.key(keys.unique(queue.name, unique.key))
            call.argument(unique.scope == .time ? "time" : "unfinished")
            call.argument(max(1, unique.time.milliseconds))
            call.argument("")
        } else {
            for _ in 0..<3 { call.argument("") }
        }
        if let idempotency = job.idempotency { call.key(keys.idempotency(idempotency.key)) }
        call.argument(job.idempotency.map { "\(max(1, $0.life.milliseconds))" } ?? "")
        call.argument(job.idempotency?.fingerprint ?? "")
    }
}

extension ScriptCall {
    /// The marks, as limits.lua wants them: of depth, memory and backlog.
    mutating func append(_ limits: QueueLimits, of queue: JobQueue, keepsEvents: Bool) {
        argument(limits.maximumDepth.map(String.init) ?? "")
        argument(limits.memory?.argument ?? "")
        let isTold = queue.isTracked && keepsEvents
        argument(isTold ? limits.maximumBacklog.map(String.init) ?? "" : "")
    }
}

extension EnqueueReply {
    /// How many jobs are certainly nowhere.
    fileprivate var refusals: Int {
        exceptions.values.count { if case .duplicate = $0 { false } else { true } }
    }
}

extension NewJob {
    fileprivate var hasExtras: Bool { start != .now || unique != nil || idempotency != nil || tick != nil }
}

extension NewJob.Start {
    fileprivate var argument: String {
        switch self {
        case .now: ""
        case .after(let wait): "+\(max(0, wait.milliseconds))"
        case .at(let moment): "\(max(0, min(moment, 1 << 53)))"
        }
    }
}

extension QueueLimits.MemoryMark {
    fileprivate var argument: String {
        switch self {
        case .bytes(let bytes): "\(bytes)"
        case .share(let share): "\(share)"
        }
    }
}
