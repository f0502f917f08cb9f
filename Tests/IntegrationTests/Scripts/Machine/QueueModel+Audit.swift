@testable import JobRuntime

// What somebody deletes by hand, and what an audit does about it.
extension QueueModel {
    /// Where ``Storage/locate(_:in:)`` finds a job.
    func location(of number: Int) -> JobLocation {
        guard let job = jobs[number], let fields = records[number]?.fields, let state = fields["state"] else {
            return .absent
        }
        let isDropped = fields["dropped"] != nil
        let isDead = isDropped || dead.contains { $0.job == number }
        let waits = delayed[.retry]?[number] != nil
        return switch state {
        case "queued":
            self[job.lane].first { $0.job == number }.map { $0.hold?.consumer == nil ? .waiting : .running }
                ?? .lost(state: state)
        case "scheduled": delayed[.scheduled]?[number] != nil ? .scheduled : .lost(state: state)
        case "retrying": waits ? .retrying : .lost(state: state)
        case "snoozed": waits ? .snoozed : .lost(state: state)
        case "parked": waits ? .parked : .lost(state: state)
        case "dead": isDead ? .dead(isDropped: isDropped) : .lost(state: state)
        case "unknown": isDead ? .unknown(isDropped: isDropped) : .lost(state: state)
        default: .finished(state: state)
        }
    }

    /// Jobs that wait, and that no worker has ever been given.
    var losable: [Int] {
        streams.values.joined().filter { $0.hold == nil }.map(\.job).sorted()
            + delayed.values.flatMap(\.keys).sorted()
    }

    /// What a record says of the place of a job that is not there.
    static let nowhere = "not where the job is"

    /// Takes a job out of the place where it waits.
    ///
    /// - Parameter isForgotten: its record goes, too.
    mutating func lose(_ number: Int, isForgotten: Bool) {
        for lane in Lane.allCases { self[lane].removeAll { $0.job == number } }
        for set in DelayedSet.allCases { delayed[set]?[number] = nil }
        if isForgotten {
            records[number] = nil
        } else if records[number]?.fields["state"] == "queued" {
            set(number, ["entry": Self.nowhere])
        }
    }

    mutating func restore(_ number: Int, as lost: RestoredJob) -> Restoration {
        let location = location(of: number)
        switch location {
        case .absent, .lost("queued"), .lost("scheduled"), .lost("retrying"), .lost("snoozed"), .lost("parked"): break
        default: return .found(location)
        }
        let (attempt, lane, at, start) = (lost.attempt, lost.lane, lost.enqueuedAt, lost.start)
        let meta = Meta(isRestored: true, isInDoubt: attempt > 1 || start == nil)
        jobs[number] = Job(id: lost.id, lane: lane, at: at, since: start ?? at, attempt: attempt, meta: meta)
        let gone = [
            "entry", "lane", "due", "start", "reason", "error", "settled", "elapsed", "consumer", "deliveries",
        ]
        for name in gone { records[number]?.fields[name] = nil }
        var fields = [
            "queue": "work", "attempt": "\(attempt)", "at": "\(at)", "kind": Note.kind,
            "payload": Self.payload(number), "meta": meta.text,
        ]
        var event = ["kind": Note.kind, "lane": lane.rawValue, "data": Self.payload(number)]
        if lane != .normal { fields["lane"] = lane.rawValue }
        if let start {
            fields.merge(["state": "scheduled", "due": Self.some, "start": "\(start)"]) { $1 }
            event["due"] = Self.some
            delayed[.scheduled, default: [:]][number] = .max
        } else {
            fields.merge(["state": "queued", "entry": Self.some]) { $1 }
            self[lane].append(Place(job: number))
        }
        set(number, fields)
        tell("restored", number, attempt: attempt, event)
        return .restored
    }
}
