import NIOCore
import Redis

extension RedisStore {
    func record(of id: JobID) async throws(StoreError) -> JobRecord? {
        guard let fields = try await fields(of: id) else { return nil }
        guard fields["state"]?.string == "queued", let run = try await pending(fields) else {
            return JobRecord(id, fields)
        }
        // It may have been settled between the two looks: then it is no longer pending, and the record tells.
        guard case .running = run else { return try await self.fields(of: id).flatMap { JobRecord(id, $0) } }
        return JobRecord(id, fields, state: run)
    }

    /// What is soon told of a record: neither its payload, which may be long, nor its result, nor who runs it.
    func sketch(of id: JobID) async throws(StoreError) -> JobRecord? {
        var command = RedisCommand("HMGET", keys.record(id))
        for name in Self.sketched { command.append(name) }
        let reply = try await send(command)
        guard let values = reply.array, values.count == Self.sketched.count else {
            throw .unexpected(reply, of: "HMGET")
        }
        return JobRecord(id, Dictionary(zip(Self.sketched, values)) { first, _ in first })
    }

    private static let sketched = [
        "state", "queue", "kind", "attempt", "at", "lane", "due", "reason", "settled", "report", "report_rank",
        "report_at",
    ]

    func report(_ report: JobReport, of id: JobID) async throws(StoreError) -> JobReport.Reception {
        let queue = try await send(RedisCommand("HGET", keys.record(id), "queue")).string ?? ""
        var call = ScriptCall(Scripts.report)
        call.key(keys.record(id))
        call.key(keys.dead(queue))
        call.key(keys.events)
        call.key(keys.tail)
        call.words("\(id)", queue)
        call.flag(options.keepsEvents)
        call.argument(options.recordTTL.milliseconds)
        call.words(report.name, "\(report.rank)", report.token, report.detail ?? "")
        call.flag(report.provesEffect)
        let reply = try await run(call)
        guard let reception = reply.string.flatMap(JobReport.Reception.init) else {
            throw .unexpected(reply, of: "report.lua")
        }
        return reception
    }

    private func fields(of id: JobID) async throws(StoreError) -> [String: RedisValue]? {
        let reply = try await send(RedisCommand("HGETALL", keys.record(id)))
        guard let fields = reply.map else { throw .unexpected(reply, of: "HGETALL") }
        return fields.isEmpty ? nil : fields
    }

    /// Who holds the entry of a queued job; `queued` when nobody does.
    private func pending(_ fields: [String: RedisValue]) async throws(StoreError) -> JobRecord.State? {
        guard let queue = fields["queue"]?.string, let entry = fields["entry"]?.string else { return nil }
        let stream = keys.stream(queue, fields.lane)
        let reply: RedisValue
        do {
            reply = try await send(RedisCommand("XPENDING", stream, KeySpace.group, entry, entry, "1"))
        } catch let error where error.code == .noGroup {
            return nil
        }
        guard let row = reply.array?.first?.array, row.count == 4 else { return .queued }
        // Handed back: nobody runs it.
        if row[1].string == KeySpace.released { return .queued }
        return .running(consumer: row[1].string ?? "", idle: row[2].int ?? 0, deliveries: Int(row[3].int ?? 0))
    }
}

extension [String: RedisValue] {
    fileprivate var lane: Lane { self["lane"]?.string.flatMap(Lane.init) ?? .normal }
}

extension JobRecord {
    /// Reads the fields of `job:<id>`.
    ///
    /// - Parameter state: what the pending list knows better than the record.
    fileprivate init?(_ id: JobID, _ fields: [String: RedisValue], state: State? = nil) {
        guard let queue = fields["queue"]?.string, let kind = fields["kind"]?.string,
            let attempt = fields["attempt"]?.int, let at = fields["at"]?.int,
            let state = state ?? State(fields)
        else { return nil }
        self.init(id: id, queue: queue, kind: kind, state: state, attempt: Int(attempt), enqueuedAt: at)
        lane = fields.lane
        entry = fields["entry"]?.string
        settledAt = fields["settled"]?.int
        consumer = fields["consumer"]?.string
        deliveries = fields["deliveries"]?.int.map { Int($0) }
        error = fields["error"]?.string
        payload = fields["payload"]?.bytes
        if let name = fields["report"]?.string, let rank = fields["report_rank"]?.int,
            let at = fields["report_at"]?.int
        {
            let detail = fields["report_detail"]?.string ?? ""
            report = Report(name: name, rank: Int(rank), at: at, detail: detail.isEmpty ? nil : detail)
        }
        if let settledAt, let elapsed = fields["elapsed"]?.int { startedAt = settledAt - elapsed }
    }
}

extension JobRecord.State {
    fileprivate init?(_ fields: [String: RedisValue]) {
        let due = fields["due"]?.int ?? 0
        let reason = fields["reason"]?.string ?? ""
        switch fields["state"]?.string {
        case "queued": self = .queued
        case "scheduled": self = .scheduled(due: due)
        case "retrying": self = .retrying(due: due)
        case "snoozed": self = .snoozed(due: due, reason: reason)
        case "parked": self = .parked(due: due)
        case "done":
            let result = fields["result"]?.string ?? ""
            self = .succeeded(result: result.isEmpty ? nil : result)
        case "dead": self = .dead(reason: DeadReason(rawValue: reason))
        case "unknown": self = .unknown
        case "canceled": self = .canceled
        case "expired": self = .expired
        case "discarded": self = .discarded(reason: DeadReason(rawValue: reason))
        default: return nil
        }
    }
}
