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
        // Whoever asks for the same report while one is under way gets that one's id, and no second job is made.
        let march = try NewJob(
            RenderReport(region: "north", month: "2026-03"), queue: .reports, lane: .high,
            unique: .init("north-2026-03", for: .seconds(3600), scope: .unfinished))
        var again = march
        again.id = JobID()
        let first = try await client.enqueue(march)
        let second = try await client.enqueue(again)
        var jobs = [("north", first.id), (second.isDuplicate ? "north, a duplicate" : "north again", second.id)]

        let later = try NewJob(
            RenderReport(region: "east", month: "2026-03"), queue: .reports, start: .after(.seconds(2)))
        jobs.append(("east, two seconds later", try await client.enqueue(later).id))

        // Any number of jobs at once. Each has an answer of its own: one may find the queue full, and the rest not.
        let regions = ["south", "west", "nowhere"]
        let batch = try regions.map { try NewJob(RenderReport(region: $0, month: "2026-03"), queue: .reports) }
        for (region, result) in zip(regions, await client.enqueue(batch)) {
            jobs.append((region, try result.get().id))
        }
        return jobs
    }

    /// Asks now and then until a job has ended, or this is told to.
    private func end(of id: JobID) async throws -> String {
        while !Task.isShuttingDownGracefully {
            let record = try await client.record(of: id)
            switch record?.state {
            case .succeeded(let result): return "done \(result ?? "")"
            case .dead(let reason): return "dead, \(reason.rawValue): \(record?.error ?? "")"
            case .unknown, .canceled, .expired: return "ended without a report"
            case .queued, .scheduled, .running, .retrying, .snoozed, .parked, nil:
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return "not done yet; another worker will"
    }
}
