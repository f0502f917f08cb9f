import JobRuntime
import JobTesting
import Logging
import Messaging
import Metrics
import NIOCore
import Redis
import Synchronization
import TestSupport

@testable import Delivery

/// A provider that does as it is told, and remembers who it was sent.
final class ScriptedProvider: Provider {
    typealias Message = SMS

    let name: String
    let canBeAsked: Bool
    private let state: Mutex<State>

    private struct State {
        var verdicts: [Verdict]
        var findings: [Finding]
        var sent: [SMS] = []
        var asked: [Int64] = []
    }

    /// - Parameters:
    ///   - verdicts: of one try after the other; after the last, and without any, it accepts.
    ///   - findings: when it is asked; nil: it cannot be asked.
    init(_ name: String = "one", _ verdicts: Verdict..., findings: [Finding]? = nil) {
        self.name = name
        canBeAsked = findings != nil
        state = Mutex(State(verdicts: verdicts, findings: findings ?? []))
    }

    /// Adds a verdict.
    func then(_ verdict: Verdict) { state.withLock { $0.verdicts.append(verdict) } }

    func send(_ message: SMS, attempt: Attempt) async -> Verdict {
        state.withLock { state in
            state.sent.append(message)
            let number = state.sent.count
            return state.verdicts.isEmpty
                ? .accepted(Receipt(provider: name, id: "\(name)-\(number)")) : state.verdicts.removeFirst()
        }
    }

    func find(_ message: SMS, since: Int64) async -> Finding {
        guard canBeAsked else { return .unknowable }
        return state.withLock { state in
            state.asked.append(since)
            return state.findings.count > 1 ? state.findings.removeFirst() : state.findings.first ?? .found([])
        }
    }

    var sent: Int { state.withLock { $0.sent.count } }
    var asked: [Int64] { state.withLock { $0.asked } }

    static func fault(
        _ what: String = "it broke", scope: Fault.Scope = .provider, suppresses: Suppression.Reason? = nil
    ) -> Fault {
        Fault(provider: "one", code: 7, what: what, remedy: "Mend it.", scope: scope, suppresses: suppresses)
    }
}

/// A dispatcher of text messages on queues in memory and a time that the test moves; what workers share is in a real
/// Redis, under keys of its own.
struct DispatchBench {
    let runtime: TestRuntime
    let client: JobClient
    let state: DeliveryState
    let suppressions: SuppressionList

    static let queue = JobQueue(Channel.sms.queueName)
    static let webhooks = JobQueue(Channel.webhook.queueName)

    func enqueue(
        _ message: SMS = sms, id: JobID = JobID(), lane: Lane = .normal, expiresIn: Duration? = nil
    ) async throws -> JobID {
        let end = expiresIn.map { runtime.clock.unixMilliseconds + Int64($0 / .milliseconds(1)) }
        return try await runtime.enqueue(
            NewJob(message, id: id, queue: Self.queue, lane: lane, expiresAt: end)
        ).id
    }

    /// Enqueues a message, and runs what is due.
    func run(
        _ message: SMS = sms, lane: Lane = .normal, expiresIn: Duration? = nil
    ) async throws -> JobID {
        let id = try await enqueue(message, lane: lane, expiresIn: expiresIn)
        await runtime.runUntilIdle()
        return id
    }

    func status(of id: JobID) -> MessageStatus? { runtime.record(of: id).map { MessageStatus($0) } }

    func result(of id: JobID) -> String? {
        if case .succeeded(let result) = runtime.record(of: id)?.state { result } else { nil }
    }

    func snooze(of id: JobID) -> String? {
        if case .snoozed(_, let reason) = runtime.record(of: id)?.state { reason } else { nil }
    }
}

/// Runs a body with a dispatcher that has these providers, in their order.
func withDispatcher(
    _ providers: ScriptedProvider..., rates: SenderRates? = nil, metrics: any MetricsFactory = MetricsSystem.factory,
    at time: Int64 = 1_800_000_000_000,
    _ body: (DispatchBench) async throws -> Void
) async throws {
    let server = try await PrivateRedis.shared()
    try await withClient(server.configuration) { redis in
        let clock = ManualClock(at: time)
        let state = DeliveryState(redis: redis, keys: freshKeys())
        let breakers = Breakers(clock: clock, metrics: metrics, logger: .quiet)
        let runtime = TestRuntime(queues: [DispatchBench.queue], jitter: 0, clock: clock) { store in
            let services = DispatchServices(
                state: state, jobs: JobClient(store: store), breakers: breakers, metrics: metrics,
                random: { 0 })
            var handlers = JobHandlers()
            handlers.register(
                Dispatcher(providers.map { Route($0, rates: rates) }, services: services),
                policy: DeliveryHandlers.retryPolicy(for: .sms))
            return handlers
        }
        try await body(
            DispatchBench(
                runtime: runtime, client: JobClient(store: runtime.store), state: state,
                suppressions: SuppressionList(state)))
    }
}
