import NIOPosix
import Synchronization

/// The connections of a process to its mail server.
///
/// Each mail on its way has a connection and, as libcurl blocks, a thread of its own; further ones wait. One thread
/// with libcurl's multi handle would not do: libcurl waits for the reply to a mail's end inside its step function
/// (`smtp_done` in its lib/smtp.c, up to and including 8.22), so that one slow reply would hold up all other mails and
/// let them time out.
public final class MailTransport: Sendable {
    private static let mostWaiting = 1000

    private let settings: SMTPSettings
    private let threads: NIOThreadPool
    private let idle = Mutex<[MailConnection]>([])
    private let orders = Atomic(0)

    /// Starts the threads; connects when there is a mail.
    public init(_ settings: SMTPSettings) {
        self.settings = settings
        threads = NIOThreadPool(numberOfThreads: settings.connections)
        threads.start()
    }

    /// Closes all connections, with QUIT. To be called once, after the last handler has ended.
    public func shutdown() async {
        let leaving = idle.withLock { connections in
            defer { connections = [] }
            return connections
        }
        await withTaskGroup { group in
            for connection in leaving {
                group.addTask { try? await self.threads.runIfActive { connection.quit() } }
            }
        }
        // Fails for pools only that nobody may stop.
        try? await threads.shutdownGracefully()
    }

    /// Makes one try. A cancelled task ends it: at once where it waits for a connection, else within about a second.
    ///
    /// - Parameter since: when it began to wait for a connection.
    func deliver(_ mail: OutgoingMail, since: ContinuousClock.Instant = .now) async -> MailExchange {
        let span = RequestSpan("SMTP", host: settings.host, port: nil)
        let exchange = await order(mail, since: since)
        span?.end(exchange)
        return exchange
    }

    private func order(_ mail: OutgoingMail, since: ContinuousClock.Instant) async -> MailExchange {
        guard orders.add(1, ordering: .relaxed).newValue <= settings.connections + Self.mostWaiting else {
            orders.subtract(1, ordering: .relaxed)
            return MailExchange(.failed("\(Self.mostWaiting) mails wait for a connection already"))
        }
        let order = MailOrder()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                order.wait(continuation)
                threads.submit { state in
                    self.orders.subtract(1, ordering: .relaxed)
                    guard order.begin() else { return }
                    order.end(
                        state == .active
                            ? self.send(mail, order: order, since: since) : MailExchange(.failed("the process stops")))
                }
            }
        } onCancel: {
            order.cancel()
        }
    }

    private func send(_ mail: OutgoingMail, order: MailOrder, since: ContinuousClock.Instant) -> MailExchange {
        guard ContinuousClock.now - since <= settings.connectTimeout else {
            return MailExchange(.failed("all \(settings.connections) connections to the mail server were busy"))
        }
        guard let connection = idle.withLock({ $0.popLast() }) ?? MailConnection(settings) else {
            return MailExchange(.unusable)
        }
        let exchange = connection.send(mail, timeout: settings.timeout, order: order)
        // libcurl keeps the connection even so, and would take a late reply for that to the next mail's first command.
        let isOutOfStep = exchange.stage == .end && exchange.reply == nil
        if !isOutOfStep { idle.withLock { $0.append(connection) } }
        return exchange
    }
}
