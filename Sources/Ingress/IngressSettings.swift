/// Where the ingress listens and what it takes.
public struct IngressSettings: Sendable, Equatable {
    /// The address to bind (`API_HOST`).
    public var host: String

    /// The port to bind (`API_PORT`); 0 takes a free one.
    public var port: Int

    /// The largest request body that is read, in bytes; a larger one is answered with 413.
    public var maximumBodySize: Int

    /// How long `/ready` waits for each of its checks.
    public var readinessTimeout: Duration

    /// What a 503 tells the client to wait at least (`Retry-After`), in seconds.
    public var retryAfterSeconds: Int

    public init(
        host: String = "127.0.0.1", port: Int = 8080, maximumBodySize: Int = 1 << 20,
        readinessTimeout: Duration = .seconds(2), retryAfterSeconds: Int = 2
    ) {
        self.host = host
        self.port = port
        self.maximumBodySize = maximumBodySize
        self.readinessTimeout = readinessTimeout
        self.retryAfterSeconds = retryAfterSeconds
    }
}
