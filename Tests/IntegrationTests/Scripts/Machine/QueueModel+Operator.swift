@testable import JobRuntime

// What happens beside the workers.
extension QueueModel {
    /// When the next one is due.
    enum Next: Equatable { case never, now, later }

    mutating func promote(_ set: DelayedSet, most: Int, mark: Int) -> (moved: Int, next: Next) {
        let page = (delayed[set] ?? [:]).sorted { a, b in
            (a.value, jobs[a.key]?.id.description ?? "") < (b.value, jobs[b.key]?.id.description ?? "")
        }.prefix(most)
        let due = page.prefix { $0.value < horizon }
        let waiting = streams.values.joined().count { $0.hold == nil }
        let moved = due.prefix(max(mark - waiting, mark / 20, 1))
        for (number, _) in moved { queue(number, from: set) }
        if page.isEmpty { return (0, .never) }
        return (moved.count, moved.count == due.count && due.count < page.count ? .later : .now)
    }

    private mutating func queue(_ number: Int, from set: DelayedSet) {
        guard let job = jobs[number] else { return }
        delayed[set]?[number] = nil
        self[job.lane].append(Place(job: number))
        if isTracked { self.set(number, ["state": "queued", "entry": Self.some]) } else { records[number] = nil }
    }

    /// - Returns: whether it was there.
    mutating func redrive(_ letter: DeadLetter.ID) -> Bool {
        guard let index = dead.firstIndex(where: { $0.id == letter }) else { return false }
        let number = dead.remove(at: index).job
        guard let job = jobs[number] else { return false }
        jobs[number]?.attempt = 1
        jobs[number]?.meta.isRedriven = true
        jobs[number]?.meta.snoozes = 0
        self[job.lane].append(Place(job: number))
        if records[number] != nil {
            set(number, ["state": "queued", "entry": Self.some, "attempt": "1"])
            for field in ["reason", "error", "settled", "elapsed", "consumer", "deliveries", "due"] {
                records[number]?.fields[field] = nil
            }
            tell("redriven", number, attempt: 1)
        }
        return true
    }

    /// - Returns: whether it was there.
    mutating func drop(_ letter: DeadLetter.ID) -> Bool {
        guard let index = dead.firstIndex(where: { $0.id == letter }) else { return false }
        let dropped = dead.remove(at: index)
        if records[dropped.job] != nil {
            set(dropped.job, ["dropped": Self.some])
            records[dropped.job]?.expires = true
            tell("dropped", dropped.job, attempt: dropped.attempt)
        }
        return true
    }

    /// Hands back what workers hold that have no heartbeat; or what anybody has left.
    ///
    /// - Returns: how many entries, and whose.
    mutating func handBack(ofTheLiving: Bool) -> (count: Int, consumers: Set<String>) {
        var (count, consumers) = (0, Set<String>())
        for lane in Lane.allCases {
            for index in self[lane].indices {
                guard let hold = self[lane][index].hold, let consumer = hold.consumer,
                    ofTheLiving ? hold.isLeft : !alive.contains(consumer)
                else { continue }
                self[lane][index].hold = Hold(consumer: nil, deliveries: hold.deliveries, isLeft: true)
                count += 1
                consumers.insert(consumer)
            }
        }
        return (count, consumers)
    }
}
