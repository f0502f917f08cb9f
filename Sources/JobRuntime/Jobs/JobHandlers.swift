public import NIOCore
import NIOFoundationCompat

#if canImport(FoundationEssentials)
    import class FoundationEssentials.JSONDecoder
#else
    import class Foundation.JSONDecoder
#endif

/// The handlers of a worker, by kind.
public struct JobHandlers: Sendable {
    /// Runs one attempt on the payload as it stands in the stream.
    public typealias RawHandler = @Sendable (_ payload: ByteBuffer, _ attempt: Attempt) async throws -> Outcome

    /// A class: each attempt looks it up.
    final class Registration: Sendable {
        typealias Ended = @Sendable (_ ending: Ending, _ note: (_ name: String) -> String?) -> Void

        let run: RawHandler
        let policy: RetryPolicy
        let timeout: Duration?
        let followUps: FollowUps?
        let settlesExpired: Bool
        let ended: Ended?

        init(
            run: @escaping RawHandler, policy: RetryPolicy, timeout: Duration?, followUps: FollowUps?,
            settlesExpired: Bool = false, ended: Ended? = nil
        ) {
            self.run = run
            self.policy = policy
            self.timeout = timeout
            self.followUps = followUps
            self.settlesExpired = settlesExpired
            self.ended = ended
        }
    }

    /// As ``JobHandler/followUps(to:of:attempt:)``.
    public typealias FollowUps = @Sendable (_ ending: Ending, _ payload: ByteBuffer, _ attempt: Attempt) -> [NewJob]

    private var registrations: [String: Registration] = [:]

    public init() {}

    public var kinds: [String] { registrations.keys.sorted() }

    /// Registers a handler; a later one for the same kind takes the earlier one's place.
    ///
    /// - Parameter timeout: how long an attempt may take; nil: as long as ``WorkerOptions/timeout`` says.
    public mutating func register<Handler: JobHandler>(
        _ handler: Handler, policy: RetryPolicy = .standard, timeout: Duration? = nil
    ) {
        registrations[Handler.Payload.kind] = Registration(
            run: Self.decoding { try await handler.run($0, attempt: $1) }, policy: policy, timeout: timeout,
            followUps: { handler.followUps(to: $0, of: $1, attempt: $2) }, settlesExpired: handler.settlesExpired,
            ended: { handler.ended($0, note: $1) })
    }

    /// Registers a closure for a kind. A payload that cannot be decoded is a dead letter, `undecodable`.
    public mutating func register<J: Job>(
        _ job: J.Type, policy: RetryPolicy = .standard, timeout: Duration? = nil, followUps: FollowUps? = nil,
        run: @escaping @Sendable (_ job: J, _ attempt: Attempt) async throws -> Outcome
    ) {
        register(
            rawKind: J.kind, policy: policy, timeout: timeout, followUps: followUps, run: Self.decoding(run))
    }

    /// Registers a closure that reads the payload itself.
    public mutating func register(
        rawKind kind: String, policy: RetryPolicy = .standard, timeout: Duration? = nil, followUps: FollowUps? = nil,
        run: @escaping RawHandler
    ) {
        registrations[kind] = Registration(run: run, policy: policy, timeout: timeout, followUps: followUps)
    }

    private static func decoding<J: Job>(
        _ run: @escaping @Sendable (_ job: J, _ attempt: Attempt) async throws -> Outcome
    ) -> RawHandler {
        let decoder = JSONDecoder()
        return { payload, attempt in
            let job: J
            do {
                job = try decoder.decode(J.self, from: payload)
            } catch {
                return .dead(reason: .undecodable, error: "the payload is no \(J.self): \(error)")
            }
            return try await run(job, attempt)
        }
    }

    subscript(kind: String) -> Registration? { registrations[kind] }
}
