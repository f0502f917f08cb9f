import Hummingbird
import Ingress
public import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Tells over HTTP how a process does (``StatusAnswers``), on an event loop of its own: whoever asks, however badly,
/// takes nothing from the work.
///
/// It takes the first port that is free. Where none is, the process works without, and it tries again.
public struct StatusServer: Service {
    private let host: String
    private let ports: ClosedRange<Int>
    private let answers: StatusAnswers
    private let logger: Logger

    private static let pause: Duration = .seconds(5)
    /// As long as the process: a connection that is just being closed still asks for it after the server's end.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// - Parameter ports: `0...0` takes any that is free.
    public init(host: String, ports: ClosedRange<Int>, answers: StatusAnswers, logger: Logger) {
        self.host = host
        self.ports = ports
        self.answers = answers
        self.logger = logger
    }

    public func run() async {
        var hasFailed = false
        while !Task.isCancelled, !Task.isShuttingDownGracefully, let failure = await serve() {
            if !hasFailed {
                logger.error(
                    "Nobody can ask this process how it does: its port cannot be had (WORKER_HOST, WORKER_PORT)",
                    metadata: ["host": "\(host)", "ports": "\(ports)", "error": "\(failure)"])
            }
            hasFailed = true
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
    }

    /// Serves on the first port that is to be had, until the process stops.
    ///
    /// - Returns: why none is.
    private func serve() async -> (any Error)? {
        var failure: (any Error)?
        for port in ports {
            do {
                try await application(port).run()
                return nil
            } catch {
                if Task.isCancelled || error is CancellationError { return nil }
                failure = error
            }
        }
        return failure
    }

    private func application(_ port: Int) -> some ApplicationProtocol {
        // A port that is taken is nothing to tell of.
        var quiet = logger
        quiet.logLevel = .critical
        return Application(
            responder: StatusResponder(answers: answers), server: .bounded(by: Self.limits),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 64),
            onServerRunning: { channel in
                logger.info(
                    "Tells how it does: /health, /ready, /metrics",
                    metadata: ["address": "http://\(authority(channel.localAddress?.port ?? port))"])
            },
            eventLoopGroupProvider: .shared(Self.group), logger: quiet)
    }

    private func authority(_ port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// A few probes and a scraper: whoever wants more gives way.
    private static let limits = ConnectionLimits(
        maximum: 64, headTimeout: .seconds(5), bodyTimeout: .seconds(5), keepAlive: .seconds(75),
        writeTimeout: .seconds(10), drain: .seconds(1), linger: .seconds(1))
}
