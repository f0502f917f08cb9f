import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection. Any number of tasks may send on it at once: their commands are pipelined in the order they came.
///
/// A blocking command holds up everything behind it: give it a connection of its own.
public final class RedisConnection: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<ConnectionHandler>
    private let outbox: Outbox
    public let configuration: RedisConfiguration

    private init(
        channel: any Channel, handler: NIOLoopBound<ConnectionHandler>, outbox: Outbox,
        configuration: RedisConfiguration
    ) {
        self.channel = channel
        self.handler = handler
        self.outbox = outbox
        self.configuration = configuration
    }

    /// Connects, authenticates, selects the database and sets the name.
    ///
    /// - Throws: ``RedisError`` with code `notConnected`, or `refused` with what the server said of the credentials.
    public static func connect(_ configuration: RedisConfiguration) async throws(RedisError) -> RedisConnection {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let ready = loop.makePromise(of: Void.self)
        let outbox = Outbox()
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try ConnectionHandler(configuration: configuration, outbox: outbox, ready: ready)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            let connected: EventLoopFuture<any Channel> =
                switch configuration.endpoint {
                case .tcp(let host, let port): bootstrap.connect(host: host, port: port)
                case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
                }
            connected.whenFailure { ready.fail($0) }
            let channel = try await connected.get()
            try await ready.futureResult.get()
            let handler = try await channel.pipeline.handler(type: ConnectionHandler.self).map { handler in
                NIOLoopBound(handler, eventLoop: loop)
            }.get()
            return RedisConnection(channel: channel, handler: handler, outbox: outbox, configuration: configuration)
        } catch let error as RedisError {
            throw error.code == .refused
                ? error : RedisError(.notConnected, "\(configuration.endpoint): \(error.message)")
        } catch {
            throw RedisError(.notConnected, "\(configuration.endpoint): \(reason(error))")
        }
    }

    /// What an error of connecting means to an operator.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: error.connectionErrors.first.map { reason($0.error) } ?? "no such host"
        case let error as IOError: String(cString: strerror(error.errnoCode))
        default: "\(error)"
        }
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Parameter timeout: how long the answer may take; nil is the configuration's time-out for commands.
    /// - Throws: ``RedisError``; an error reply has the code `refused`.
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisValue {
        try await reply(to: command, timeout: timeout).value
    }

    /// As ``send(_:timeout:)``, for a reply of many elements.
    public func reply(to command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisReply {
        let pending = PendingCommand(command, timeout: timeout ?? configuration.commandTimeout)
        return try await sending(CollectionOfOne(pending)) { () async throws(RedisError) in
            try await pending.answer()
        }
    }

    /// Sends commands in one write, with nothing of others between them.
    ///
    /// - Parameter timeout: how long the answer to each may take.
    /// - Returns: their answers, in order.
    public func send(
        together commands: [RedisCommand], timeout: Duration
    ) async -> [Result<RedisValue, RedisError>] {
        await replies(together: commands, timeout: timeout).map { $0.map(\.value) }
    }

    /// As ``send(together:timeout:)``, for replies of many elements.
    public func replies(
        together commands: [RedisCommand], timeout: Duration
    ) async -> [Result<RedisReply, RedisError>] {
        let pending = commands.map { PendingCommand($0, timeout: timeout) }
        return await sending(pending) {
            var answers: [Result<RedisReply, RedisError>] = []
            for pending in pending {
                do throws(RedisError) {
                    answers.append(.success(try await pending.answer()))
                } catch {
                    answers.append(.failure(error))
                }
            }
            return answers
        }
    }

    /// Hands commands to the event loop and waits for what is made of their answers.
    private func sending<Value, Failure: Error>(
        _ pending: some Collection<PendingCommand> & Sendable, _ answer: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withTaskCancellationHandler {
            if outbox.put(pending) {
                channel.eventLoop.execute { self.handler.value.writeOutbox() }
            }
            do throws(Failure) { return .success(try await answer()) } catch { return .failure(error) }
        } onCancel: {
            for pending in pending { pending.isCancelled.store(true, ordering: .releasing) }
            channel.eventLoop.execute { for pending in pending { self.handler.value.cancel(pending) } }
        }
        return try result.get()
    }

    /// Sends a command that may block for as long as it says.
    public func sendBlocking(_ command: RedisCommand, block: Duration) async throws(RedisError) -> RedisValue {
        try await replyBlocking(to: command, block: block).value
    }

    /// As ``sendBlocking(_:block:)``, for a reply of many elements.
    public func replyBlocking(to command: RedisCommand, block: Duration) async throws(RedisError) -> RedisReply {
        try await reply(to: command, timeout: block + configuration.blockingGrace)
    }

    /// Closes the connection; commands in flight fail.
    public func close() async {
        closeSoon()
        await closed()
    }

    func closeSoon() {
        channel.eventLoop.execute {
            self.handler.value.close(RedisError(.connectionLost, "closed by this side", mayHaveRun: true))
        }
    }

    /// Returns when the connection is gone, for whatever reason.
    public func closed() async {
        try? await channel.closeFuture.get()
    }
}
