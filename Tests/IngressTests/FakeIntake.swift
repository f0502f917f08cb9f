import Ingress
import Synchronization

@testable import JobRuntime

/// A queue in memory, which fails as it is told.
final class FakeIntake: MessageIntake {
    struct Broken: Error, CustomStringConvertible {
        var description: String { "redis.internal:6379 refused the connection" }
    }

    enum Behaviour {
        case works
        case unavailable
        case uncertain
        /// The idempotency key of what comes belongs to this one.
        case conflict(JobID)
        case full
        /// Only this queue is.
        case fullOf(String)
        /// Answers nothing until its caller gives up.
        case hangs
    }

    static let enqueuedAt: Int64 = 1_767_225_599_007

    private struct State {
        var jobs: [NewJob] = []
        var records: [JobID: JobRecord] = [:]
        var cancelledProbes = 0
    }

    private let behaviour: Behaviour
    private let state: Mutex<State>

    init(_ behaviour: Behaviour = .works, records: [JobRecord] = []) {
        self.behaviour = behaviour
        state = Mutex(State(records: Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })))
    }

    /// What was enqueued, in order.
    var jobs: [NewJob] { state.withLock(\.jobs) }

    var cancelledProbes: Int { state.withLock(\.cancelledProbes) }

    func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt {
        switch behaviour {
        case .unavailable: throw .unavailable(Broken().description)
        case .uncertain: throw .uncertain(job.id, Broken().description)
        case .conflict(let first): throw .conflict(first)
        case .full: throw .full("the queue holds 100000 jobs, its limit")
        case .works, .hangs, .fullOf: break
        }
        state.withLock { state in
            state.jobs.append(job)
            var record = JobRecord(
                id: job.id, queue: job.queue.name, kind: job.kind, state: .queued, attempt: 1,
                enqueuedAt: Self.enqueuedAt)
            record.payload = job.payload
            record.lane = job.meta.lane
            state.records[job.id] = record
        }
        return Receipt(id: job.id, enqueuedAt: Self.enqueuedAt)
    }

    func enqueue(_ jobs: [NewJob]) async -> [Result<Receipt, EnqueueError>] {
        var results: [Result<Receipt, EnqueueError>] = []
        for job in jobs {
            do throws(EnqueueError) {
                results.append(.success(try await enqueue(job)))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    func known(_ requests: [NewJob.Idempotency]) async throws -> [Receipt?] {
        guard case .unavailable = behaviour else { return requests.map { _ in nil } }
        throw Broken()
    }

    func cancel(_ id: JobID) async throws -> Cancellation { throw Broken() }

    func retry(_ id: JobID) async throws -> Retrial { throw Broken() }

    func record(of id: JobID) async throws -> JobRecord? {
        guard case .works = behaviour else { throw Broken() }
        return state.withLock { $0.records[id] }
    }

    func probe(_ queues: [JobQueue]) async throws -> [JobQueue: String] {
        switch behaviour {
        case .works, .conflict: return [:]
        case .fullOf(let name): return [JobQueue(name): "it is full"]
        case .full: return Dictionary(uniqueKeysWithValues: queues.map { ($0, "it is full") })
        case .unavailable, .uncertain: throw Broken()
        case .hangs:
            do {
                try await Task.sleep(for: .seconds(3600))  // allowed: until it is cancelled
                return [:]
            } catch {
                state.withLock { $0.cancelledProbes += 1 }
                throw error
            }
        }
    }
}
