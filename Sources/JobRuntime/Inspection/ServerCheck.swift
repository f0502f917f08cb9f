public import Logging
public import Redis
public import ServiceLifecycle

/// Looks once, as soon as Redis answers, whether it is fit to keep jobs: recent enough, evicting nothing, persistent.
/// Says what is not, and where it is told to refuse ends the process.
public struct ServerCheck: Service {
    private let redis: RedisClient
    private let refuses: Bool
    private let logger: Logger

    /// - Parameter refuses: whether an unfit server ends the service (production) or is only warned of; one that is too
    ///   old always ends it.
    public init(redis: RedisClient, refuses: Bool, logger: Logger) {
        self.redis = redis
        self.refuses = refuses
        self.logger = logger
    }

    /// - Throws: ``UnfitServer``.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            guard let facts = await facts() else { return }
            let concerns = facts.concerns
            for concern in concerns {
                logger.warning("Redis is not safe for jobs", metadata: ["concern": "\(concern)"])
            }
            if facts.isTooOld || refuses && !concerns.isEmpty { throw UnfitServer(concerns: concerns) }
            // A service that returns ends its group.
            try? await gracefulShutdown()
        }
    }

    /// - Returns: nil when the service is to end before Redis has answered.
    private func facts() async -> ServerFacts? {
        var backoff = Backoff()
        while !Task.isCancelled {
            if let info = try? await redis.send(RedisCommand("INFO")).string {
                // Managed servers may not allow CONFIG; then the append-only file alone decides.
                let save = try? await redis.send(RedisCommand("CONFIG", "GET", "save")).map?["save"]?.string
                return ServerFacts(info: info, snapshots: save)
            }
            try? await Task.sleep(for: backoff.next())
        }
        return nil
    }
}

/// Redis would lose jobs.
public struct UnfitServer: Error, CustomStringConvertible {
    public let concerns: [String]

    public var description: String { "Redis is not safe for jobs: " + concerns.joined(separator: "; ") }
}
