/// Where the ingress listens and what it takes.
public struct IngressSettings: Sendable, Equatable {
    /// The address to bind (`API_HOST`).
    public var host: String

    /// The port to bind (`API_PORT`); 0 takes a free one.
    public var port: Int

    /// The largest request body that is read, in bytes (`MAX_BODY_BYTES`); a larger one is answered with 413. The files
    /// of a mail as base64, and what goes with them, must fit.
    public var maximumBodySize: Int

    /// The memory for all bodies that are read at once, in bytes (`BODY_MEMORY_BYTES`); where there is none left a
    /// request is answered with 503 before its body is read.
    public var bodyMemory = 256 << 20

    /// How long `/ready` waits for each of its checks.
    public var readinessTimeout: Duration

    /// What a 503 tells the client to wait at least (`Retry-After`), in seconds.
    public var retryAfterSeconds: Int

    /// Whether every client waits for the outcome of what it sends (`SYNC_MESSAGE_PROCESSING`); else those do that
    /// prefer it.
    public var waitsForOutcome: Bool

    /// The longest that a client can wait for the outcome, in seconds.
    public var longestWait: Int

    public var connections = ConnectionLimits()
    public var allowedHosts = AllowedHosts.all
    public var trustedProxies = TrustedProxies()

    /// Whether each request is written to standard output as a line of JSON (`ACCESS_LOG`).
    public var logsAccess = false

    public init(
        host: String = "127.0.0.1", port: Int = 8080, maximumBodySize: Int = 28 << 20,
        readinessTimeout: Duration = .seconds(2), retryAfterSeconds: Int = 2, waitsForOutcome: Bool = false,
        longestWait: Int = 30
    ) {
        self.waitsForOutcome = waitsForOutcome
        self.longestWait = longestWait
        self.host = host
        self.port = port
        self.maximumBodySize = maximumBodySize
        self.readinessTimeout = readinessTimeout
        self.retryAfterSeconds = retryAfterSeconds
    }
}
