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
        /// Answers nothing until its caller gives up.
        case hangs
    }

    static let enqueuedAt: Int64 = 1_767_225_599_007

    private struct State {
        var jobs: [NewJob] = []
        var records: [JobID: JobRecord] = [:]
        var cancelledPings = 0
    }

    private let behaviour: Behaviour
    private let state: Mutex<State>

    init(_ behaviour: Behaviour = .works, records: [JobRecord] = []) {
        self.behaviour = behaviour
        state = Mutex(State(records: Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })))
    }

    /// What was enqueued, in order.
    var jobs: [NewJob] { state.withLock(\.jobs) }

    var cancelledPings: Int { state.withLock(\.cancelledPings) }

    func enqueue(_ job: NewJob) async throws(EnqueueError) -> Receipt {
        switch behaviour {
        case .unavailable: throw .unavailable(Broken().description)
        case .uncertain: throw .uncertain(job.id, Broken().description)
        case .works, .hangs: break
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

    func record(of id: JobID) async throws -> JobRecord? {
        guard case .works = behaviour else { throw Broken() }
        return state.withLock { $0.records[id] }
    }

    func ping() async throws {
        switch behaviour {
        case .works: return
        case .unavailable, .uncertain: throw Broken()
        case .hangs:
            do {
                try await Task.sleep(for: .seconds(3600))  // allowed: until it is cancelled
            } catch {
                state.withLock { $0.cancelledPings += 1 }
                throw error
            }
        }
    }
}
