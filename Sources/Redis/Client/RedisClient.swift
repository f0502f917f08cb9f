import CoreMetrics
public import Logging
public import ServiceLifecycle
import Synchronization

/// The pipelined lane to one Redis server: any number of tasks share one connection, which is made anew when it breaks.
///
/// The connection is kept by ``run()``, which must be running. While a connection is being made commands wait for it;
/// while the server is known to be away they fail at once, with a `notConnected` that says they did not run.
public final class RedisClient: Service, Sendable {
    public let configuration: RedisConfiguration
    private let lane = Mutex(Lane())
    private let holds = Atomic(0)
    private let logger: Logger
    private let roundTrips = Timer(label: "redis_round_trip_seconds", preferredDisplayUnit: .seconds)
    private let unanswered = Counter(label: "redis_commands_unanswered_total")

    public init(_ configuration: RedisConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Throws: ``RedisError``; an error reply has the code `refused`.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        try await reply(to: command).value
    }

    /// As ``send(_:)``, for a reply of many elements.
    public func reply(to command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await reply(to: command, on: connection())
    }

    private func reply(
        to command: RedisCommand, on connection: RedisConnection
    ) async throws(RedisError) -> RedisReply {
        let begin = ContinuousClock.now
        do {
            let reply = try await connection.reply(to: command)
            roundTrips.recordNanoseconds((ContinuousClock.now - begin).nanoseconds)
            return reply
        } catch {
            if error.code == .timedOut || error.code == .connectionLost { unanswered.increment() }
            throw error
        }
    }

    /// Runs a script by its digest, and by its source on a server that does not know it yet.
    public func run(_ call: ScriptCall) async throws(RedisError) -> RedisValue { try await reply(to: call).value }

    /// As ``run(_:)``, for a reply of many elements.
    public func reply(to call: ScriptCall) async throws(RedisError) -> RedisReply {
        let connection = try await connection()
        do {
            return try await reply(to: call.command(byDigest: true), on: connection)
        } catch let error where error.serverCode == "NOSCRIPT" {
            return try await reply(to: call.command(byDigest: false), on: connection)
        }
    }

    /// A connection of its own, for commands that block. The caller closes it.
    public func makeConnection(name: String? = nil) async throws(RedisError) -> RedisConnection {
        try await RedisConnection.connect(name.map(configuration.named) ?? configuration)
    }

    /// Keeps the lane connected until the task is cancelled or the service is shut down, and nobody holds it (any more).
    public func run() async {
        // A task of its own, which does not end with this one: who holds the lane still has something to settle.
        let connecting = Task { await keepConnected() }
        try? await gracefulShutdown()
        await free()
        connecting.cancel()
        await connecting.value
        laneBecame(.down(RedisError(.notConnected, "the client was stopped")))
    }

    /// Keeps the lane from being closed, even when the client's task is cancelled: a group of services of which one fails
    /// cancels all the others at once. To be followed by ``release()``, soon after the holder is told to stop.
    public func hold() { _ = holds.add(1, ordering: .relaxed) }

    public func release() { _ = holds.subtract(1, ordering: .relaxed) }

    /// Returns when nobody holds the lane; or after a while, because a holder that nobody tells to stop must not keep the
    /// process alive.
    private func free() async {
        let end = ContinuousClock.now + .seconds(45)
        // A task of its own: this one may be cancelled, and would not wait.
        await Task {
            while holds.load(ordering: .relaxed) > 0, ContinuousClock.now < end {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }.value
    }

    private func keepConnected() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            try? await Task.sleep(for: backoff.next())
            do throws(RedisError) {
                let connection = try await RedisConnection.connect(configuration)
                let begin = ContinuousClock.now
                laneBecame(.connected(connection))
                await watch(connection)
                // One that breaks at once is a failure, too: it is not made anew in a circle.
                if ContinuousClock.now - begin > .seconds(2) { backoff.reset() }
                laneBecame(.connecting)
            } catch {
                logger.warning("Redis is not reachable", metadata: ["error": "\(error)"])
                // Whatever the server said to the handshake, it was not said to the commands that wait.
                laneBecame(.down(RedisError(.notConnected, error.message)))
            }
        }
    }

    /// Returns when the connection is gone; closes it when the task is cancelled.
    private func watch(_ connection: RedisConnection) async {
        await withTaskCancellationHandler {
            await connection.closed()
        } onCancel: {
            connection.closeSoon()
        }
        if !Task.isCancelled {
            logger.warning(
                "The connection to Redis broke", metadata: ["endpoint": "\(configuration.endpoint)"])
        }
    }

    private func laneBecame(_ state: Lane.State) {
        for (waiter, result) in lane.withLock({ $0.become(state) }) { waiter.resume(returning: result) }
    }

    private func connection() async throws(RedisError) -> RedisConnection {
        if let result = lane.withLock({ $0.current }) { return try result.get() }
        let ticket = lane.withLock { $0.makeTicket() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let settled = lane.withLock { $0.wait(ticket, waiter) }
                if let settled { waiter.resume(returning: settled) }
            }
        } onCancel: {
            lane.withLock { $0.cancel(ticket) }?.resume(returning: .failure(.cancelledUnsent))
        }
        return try result.get()
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
