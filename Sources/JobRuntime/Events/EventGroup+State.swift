import Redis

extension EventGroup {
    /// What the ledger has still to do.
    public func backlog() async throws(StoreError) -> EventBacklog { try await store.eventBacklog() }

    /// Whether every event up to one, itself included, has been acknowledged.
    public func isKept(through event: EventID) async throws(StoreError) -> Bool {
        guard let first = try await store.firstEntry(of: store.keys.events, after: nil) else { return true }
        return EventID(first) > event
    }

    /// Removes the consumers of processes that are gone, once they hold nothing.
    ///
    /// - Returns: their names.
    public func sweep() async throws(StoreError) -> [String] {
        var swept: [String] = []
        for row in try await store.consumers(of: store.keys.events, group: KeySpace.ledger)
        where row.pending == 0 && row.name != consumer {
            let heartbeat = store.keys.worker(row.name)
            if try await store.leaveLedger(row.name, heartbeat: heartbeat) > 0 { swept.append(row.name) }
        }
        return swept
    }
}

extension RedisStore {
    func eventBacklog() async throws(StoreError) -> EventBacklog {
        var call = ScriptCall(Scripts.backlog)
        call.key(keys.events)
        call.argument(KeySpace.ledger)
        let reply = try await run(call)
        guard let parts = reply.array, parts.count == 5, let length = parts[0].int, let pending = parts[1].int,
            let at = parts[4].int
        else { throw .unexpected(reply, of: "backlog.lua") }
        func event(_ value: RedisValue) -> EventID? {
            value.bytes.flatMap(EntryID.init).flatMap { $0.milliseconds == 0 ? nil : EventID($0) }
        }
        return EventBacklog(
            length: Int(length), pending: Int(pending), oldest: event(parts[2]), last: event(parts[3]), at: Moment(at))
    }

    func leaveLedger(_ consumer: String, heartbeat: String?) async throws(StoreError) -> Int64 {
        try await leave([keys.events], group: KeySpace.ledger, consumer: consumer, heartbeat: heartbeat)
    }
}
