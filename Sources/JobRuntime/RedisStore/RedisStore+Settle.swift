import Redis

extension RedisStore {
    func settle(
        _ batch: [Settlement], of queue: JobQueue, lane: Lane, consumer: String
    ) async throws(StoreError) -> [SettlementCode] {
        for followUp in batch.lazy.flatMap(\.followUps) { try await register(followUp.queue) }
        var call = ScriptCall(Scripts.settle)
        call.key(keys.stream(queue.name, lane))
        call.key(keys.events)
        call.key(keys.tail)
        call.key(keys.dead(queue.name))
        call.key(keys.retry(queue.name))
        call.argument(KeySpace.group)
        call.argument(consumer)
        call.argument(queue.name)
        call.argument(lane.rawValue)
        call.flag(queue.isTracked)
        call.flag(options.keepsEvents)
        call.argument(options.recordTTL.milliseconds)
        let plain = queue.isTracked ? [] : batch.indices.filter { batch[$0].isPlain }
        let others = plain.isEmpty ? Array(batch.indices) : batch.indices.filter { !batch[$0].isPlain }
        call.argument(plain.count)
        for index in plain { call.argument(batch[index].entry.id) }
        for index in others { append(batch[index], isTracked: queue.isTracked, to: &call) }
        let reply = try await run(call)
        guard let exceptions = reply.array else { throw .unexpected(reply, of: "settle.lua") }
        var codes = [SettlementCode](repeating: .settled, count: batch.count)
        for pair in stride(from: 0, to: exceptions.count - 1, by: 2) {
            guard let number = exceptions[pair].int, let code = exceptions[pair + 1].int else { continue }
            let place = Int(number) - 1
            let index = place < plain.count ? plain[place] : others[place - plain.count]
            codes[index] = SettlementCode(rawValue: Int(code)) ?? .gone
        }
        return codes
    }

    private func append(_ settlement: Settlement, isTracked: Bool, to call: inout ScriptCall) {
        call.argument(settlement.entry.id)
        call.argument(settlement.deliveries)
        let job = settlement.job?.description ?? ""
        let elapsed = settlement.elapsed.milliseconds
        switch settlement.verb {
        case .done(let result):
            call.words("done", job)
            call.argument(elapsed)
            call.argument(settlement.attempt)
            call.argument(result)
        case .expired(let error):
            call.words("ended", job, "\(elapsed)", "\(settlement.attempt)", "expired", "", error)
        case .discarded(let reason, let error):
            call.words("ended", job, "\(elapsed)", "\(settlement.attempt)", "discarded", reason.rawValue, error)
        case .delay(let delay):
            call.words("delay", job, "\(elapsed)", "\(delay.wait.milliseconds)", delay.cause.rawValue)
            call.words("\(delay.attempt)", delay.text, delay.meta?.json ?? "")
        case .dead(let state, let reason, let error):
            call.words("dead", job, "\(elapsed)", state.rawValue, reason.rawValue, error)
        case .release(let isUntouched):
            call.words("release", "\(isUntouched ? settlement.deliveries - 1 : settlement.deliveries)")
        }
        if settlement.verb.needsRecord(isTracked: isTracked) { call.key(keys.record(job)) }
        for followUp in settlement.followUps { append(followUp, after: settlement, to: &call) }
    }

    private func append(_ followUp: NewJob, after settlement: Settlement, to call: inout ScriptCall) {
        call.key(keys.stream(followUp.queue.name, followUp.meta.lane))
        call.key(keys.record(followUp.id))
        call.words(settlement.entry.id.description, "\(settlement.deliveries)", "follow")
        call.words(followUp.queue.name, followUp.meta.lane.rawValue)
        call.flag(followUp.queue.isTracked)
        call.words("\(followUp.id)", followUp.kind)
        call.argument(followUp.payload)
        call.argument(followUp.meta.json)
    }

    func extend(
        _ held: [Held], of queue: JobQueue, lane: Lane, consumer: String
    ) async throws(StoreError) -> [Bool] {
        var call = ScriptCall(Scripts.extend)
        call.key(keys.stream(queue.name, lane))
        call.argument(KeySpace.group)
        call.argument(consumer)
        for entry in held {
            call.argument(entry.entry.id)
            call.argument(entry.deliveries)
        }
        return try await run(call).array?.map { $0.int == 1 } ?? []
    }
}

extension ScriptCall {
    mutating func words(_ words: String...) {
        for word in words { argument(word) }
    }

    mutating func argument(_ id: EntryID) { argument(id.milliseconds, id.sequence) }
}

extension Settlement {
    /// One of a job of an untracked queue that needs no more words than its entry.
    fileprivate var isPlain: Bool {
        if case .done = verb { deliveries == 1 && followUps.isEmpty } else { false }
    }
}

extension Settlement.Verb {
    /// A delayed job waits in its record, whether its queue is tracked or not; one handed back is as it was.
    fileprivate func needsRecord(isTracked: Bool) -> Bool {
        switch self {
        case .delay: true
        case .release: false
        case .done, .dead, .expired, .discarded: isTracked
        }
    }
}
