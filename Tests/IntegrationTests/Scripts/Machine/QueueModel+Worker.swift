import NIOCore

@testable import JobRuntime

// What workers do.
extension QueueModel {
    /// Delivers what waits in a lane.
    ///
    /// - Returns: the jobs.
    mutating func read(_ count: Int, of lane: Lane, by consumer: String) -> [Int] {
        let waiting = self[lane].indices.filter { self[lane][$0].hold == nil }.prefix(count)
        for index in waiting { self[lane][index].hold = Hold(consumer: consumer, deliveries: 1) }
        return waiting.map { self[lane][$0].job }
    }

    struct Taken: Equatable {
        var jobs: [Int] = []
        var deliveries: [Int] = []
        /// Of each lane that was not seen to its end.
        var cursors: [Lane: String] = [:]
    }

    /// - Parameter onlyLeft: whether the lease is long: only what has been left is taken.
    mutating func reclaim(
        _ most: Int, onlyLeft: Bool, cursors: [Lane: String]?, by consumer: String
    ) -> Taken {
        var taken = Taken()
        if isPaused { return taken }
        for lane in Lane.allCases {
            let room = most - taken.jobs.count
            var found = Array(self[lane].indices.filter { self[lane][$0].isHandedBack }.prefix(room))
            for index in found { take(index, of: lane, by: consumer) }
            if let cursors {
                taken.cursors[lane] = cursors[lane]
                if found.count < room {
                    let scan = scan(lane, from: cursors[lane], most: room - found.count, onlyLeft, by: consumer)
                    found += scan.taken
                    taken.cursors[lane] = scan.cursor
                }
            }
            taken.jobs += found.map { self[lane][$0].job }
            taken.deliveries += found.map { self[lane][$0].hold?.deliveries ?? 0 }
        }
        return taken
    }

    /// XAUTOCLAIM: looks at ten times as many entries as it may take, in their order.
    private mutating func scan(
        _ lane: Lane, from cursor: String?, most: Int, _ onlyLeft: Bool, by consumer: String
    ) -> (taken: [Int], cursor: String?) {
        let start = cursor.flatMap { EntryID(.init(string: $0)) } ?? EntryID(milliseconds: 0, sequence: 0)
        var pending = self[lane].indices.filter { index in
            self[lane][index].hold != nil && self[lane][index].entry.map { $0 >= start } ?? false
        }[...]
        var (taken, looks) = ([Int](), most * 10)
        while looks > 0, taken.count < most, let index = pending.popFirst() {
            looks -= 1
            guard !onlyLeft || self[lane][index].hold?.isLeft ?? false else { continue }
            take(index, of: lane, by: consumer)
            taken.append(index)
        }
        return (taken, pending.first.flatMap { self[lane][$0].entry?.description })
    }

    private mutating func take(_ index: Int, of lane: Lane, by consumer: String) {
        self[lane][index].hold = Hold(consumer: consumer, deliveries: (self[lane][index].hold?.deliveries ?? 0) + 1)
    }

    private func index(of entry: Entry) -> Int? { self[entry.lane].firstIndex { $0.entry == entry.id } }

    func code(_ entry: Entry, deliveries: Int, by consumer: String) -> SettlementCode {
        guard let index = index(of: entry), let hold = self[entry.lane][index].hold else { return .gone }
        return hold.consumer == consumer && hold.deliveries == deliveries ? .settled : .held
    }

    mutating func extend(_ entry: Entry, deliveries: Int, by consumer: String) -> Bool {
        guard code(entry, deliveries: deliveries, by: consumer) == .settled, let index = index(of: entry) else {
            return false
        }
        self[entry.lane][index].hold?.isLeft = false
        return true
    }

    /// Its worker does not renew the lease any more.
    mutating func leave(_ entry: Entry) {
        if let index = index(of: entry) { self[entry.lane][index].hold?.isLeft = true }
    }

    /// Ends a delivery. A job that is put off is due at the end of time until somebody says otherwise.
    mutating func settle(
        _ entry: Entry, deliveries: Int, by consumer: String, _ verb: Settlement.Verb
    ) -> SettlementCode {
        let code = code(entry, deliveries: deliveries, by: consumer)
        guard code == .settled, let index = index(of: entry) else { return code }
        if case .release(let isUntouched) = verb {
            self[entry.lane][index].hold = Hold(
                consumer: nil, deliveries: isUntouched ? deliveries - 1 : deliveries, isLeft: true)
            return code
        }
        let number = self[entry.lane].remove(at: index).job
        let end = ["settled": Self.some, "elapsed": "12", "consumer": consumer, "deliveries": "\(deliveries)"]
        let told = ["elapsed": "12", "consumer": consumer, "deliveries": "\(deliveries)"]
        self.end(number, verb, end, told)
        return code
    }

    private mutating func end(
        _ number: Int, _ verb: Settlement.Verb, _ end: [String: String], _ told: [String: String]
    ) {
        guard let job = jobs[number] else { return }
        switch verb {
        case .done(let result):
            finish(number, end.merging(["state": "done", "result": result]) { $1 }, expires: true)
            tell("succeeded", number, attempt: job.attempt, told.merging(["result": result]) { $1 })
        case .expired where isProved(number), .discarded where isProved(number), .dead where isProved(number):
            self.end(number, .done(result: records[number]?.fields["proof"] ?? ""), end, told)
        case .expired(let error): self.end(number, "expired", reason: "", error, end, told)
        case .discarded(let reason, let error):
            self.end(number, "discarded", reason: reason.rawValue, error, end, told)
        case .dead(let state, let reason, let error):
            dead.append(
                Letter(job: number, attempt: job.attempt, meta: job.meta, reason: reason.rawValue, error: error))
            let why = ["reason": reason.rawValue, "error": error]
            finish(
                number, end.merging(why) { $1 }.merging(["state": state.rawValue, "entry": Self.some]) { $1 },
                expires: false)
            tell(state.rawValue, number, attempt: job.attempt, told.merging(why) { $1 })
        case .delay(let delay): put(number, job, off: delay, end, told)
        case .release: break
        }
    }

    private mutating func end(
        _ number: Int, _ state: String, reason: String, _ error: String, _ end: [String: String],
        _ told: [String: String]
    ) {
        guard let job = jobs[number] else { return }
        let why = ["reason": reason, "error": error]
        finish(number, end.merging(why) { $1 }.merging(["state": state]) { $1 }, expires: true)
        tell(state, number, attempt: job.attempt, told.merging(why) { $1 })
    }

    /// Whether a report has proved that the job is done, whatever a worker makes of it.
    func isProved(_ number: Int) -> Bool { isTracked && records[number]?.fields["proof"] != nil }

    private mutating func finish(_ number: Int, _ fields: [String: String], expires: Bool) {
        guard isTracked else { return }
        set(number, fields)
        if expires { records[number]?.expires = true }
    }

    private mutating func put(
        _ number: Int, _ job: Job, off delay: Settlement.Delay, _ end: [String: String], _ told: [String: String]
    ) {
        jobs[number]?.attempt = delay.attempt
        if let meta = delay.meta {
            jobs[number]?.meta.snoozes = meta.snoozes
            jobs[number]?.meta.isInDoubt = meta.inDoubt
        }
        var fields = [
            "state": delay.cause.rawValue, "queue": "work", "kind": Note.kind, "attempt": "\(delay.attempt)",
            "at": "\(isTracked ? job.at : job.since)", "payload": Self.payload(number),
            "meta": jobs[number]?.meta.text ?? "",
            "due": Self.some, delay.cause == .retrying ? "error" : "reason": delay.text,
        ]
        if job.lane != .normal { fields["lane"] = job.lane.rawValue }
        if !isTracked { fields["untracked"] = "1" }
        set(number, fields.merging(end) { $1 })
        delayed[.retry, default: [:]][number] = .max
        tell(
            delay.cause.rawValue, number, attempt: job.attempt,
            told.merging(["due": Self.some, "error": delay.text]) { $1 })
    }
}

extension QueueModel.Place {
    var isHandedBack: Bool { hold.map { $0.consumer == nil } ?? false }
}
