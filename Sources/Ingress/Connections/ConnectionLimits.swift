/// What a client may take of the server at the level of its connection.
public struct ConnectionLimits: Sendable, Equatable {
    /// How many connections are open at once (`MAX_CONNECTIONS`). One more takes the place of one that only waits; if
    /// all are at work it is answered with 503.
    public var maximum: Int

    /// How long the head of a request may take from its first byte, or from the connection's beginning
    /// (`REQUEST_HEAD_TIMEOUT_SECONDS`).
    public var headTimeout: Duration

    /// How long a body may take, where it is small (`REQUEST_BODY_TIMEOUT_SECONDS`). Of a larger one, each such span
    /// must bring 1 KiB for each of its seconds.
    public var bodyTimeout: Duration

    /// How long a connection waits for its next request (`KEEP_ALIVE_SECONDS`).
    public var keepAlive: Duration

    /// In this time the client must have taken all of an answer that waits for it, or 1 KiB of it for each second
    /// (`RESPONSE_TIMEOUT_SECONDS`).
    public var writeTimeout: Duration

    /// How long requests in flight may take to finish once the server is told to stop (`DRAIN_SECONDS`).
    public var drain: Duration

    /// How long a connection is held open after its last answer, so that a client that still sends can read it.
    public var linger: Duration

    public init(
        maximum: Int = 10_000, headTimeout: Duration = .seconds(10), bodyTimeout: Duration = .seconds(30),
        keepAlive: Duration = .seconds(75), writeTimeout: Duration = .seconds(30), drain: Duration = .seconds(25),
        linger: Duration = .seconds(5)
    ) {
        self.maximum = maximum
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.keepAlive = keepAlive
        self.writeTimeout = writeTimeout
        self.drain = drain
        self.linger = linger
    }

    /// The longest target of a request, in bytes (414); RFC 9112 section 3 wants 8000 at least.
    static let uri = 8 << 10
    /// The longest head of a request, in bytes, without its target (431).
    static let head = 16 << 10
    static let fields = 100
    /// In bytes for each second.
    static let leastRate = 1 << 10

    /// How often connections are looked at: a limit takes effect this much late.
    var interval: Duration {
        let shortest = min(headTimeout, bodyTimeout, keepAlive, writeTimeout, max(drain, .seconds(1)))
        return min(.seconds(1), max(.milliseconds(10), shortest / 4))
    }
}
