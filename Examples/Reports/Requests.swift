import JobRuntime
import ServiceLifecycle

/// What a web application would do between its other work: enqueues jobs, and tells what became of them.
struct Requests: Service {
    let client: JobClient
    let endsWhenDone: Bool

    func run() async throws {
        for (what, id) in try await enqueue() { print("\(what): \(try await end(of: id))") }
        if !endsWhenDone { try await gracefulShutdown() }
    }

    private func enqueue() async throws -> [(what: String, id: JobID)] {
        let month = "2026-03"
        // Whoever asks for the same report while one is under way gets that one's id, and no second job is made.
        let north = try NewJob(
            RenderReport(region: "north", month: month), queue: .reports, lane: .high,
            unique: .init("north-\(month)", for: .seconds(3600), scope: .unfinished))
        var again = north
        again.id = JobID()
        let later = try NewJob(
            RenderReport(region: "east", month: month), queue: .reports, start: .after(.seconds(2)))
        let others = try ["south", "west", "nowhere"].map {
            try NewJob(RenderReport(region: $0, month: month), queue: .reports)
        }

        // Any number of jobs at once. Each has an answer of its own: one may find the queue full, and the rest not.
        let results = await client.enqueue([north, again, later] + others)
        let names = ["north", "north again", "east, two seconds later", "south", "west", "nowhere"]
        return try zip(names, results).map { name, result in
            let receipt = try result.get()
            return (receipt.isDuplicate ? "\(name), a duplicate" : name, receipt.id)
        }
    }

    /// Asks now and then until a job has ended, or this is told to.
    private func end(of id: JobID) async throws -> String {
        while !Task.isShuttingDownGracefully {
            let record = try await client.record(of: id)
            switch record?.state {
            case .succeeded(let result): return "done \(result ?? "")"
            case .dead(let reason), .discarded(let reason): return "dead, \(reason.rawValue): \(record?.error ?? "")"
            case .unknown, .canceled, .expired: return "ended without a report"
            case .queued, .scheduled, .running, .retrying, .snoozed, .parked, nil:
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return "not done yet; another worker will"
    }
}
