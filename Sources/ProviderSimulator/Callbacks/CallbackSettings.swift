/// How the providers make their callbacks.
public struct CallbackSettings: Sendable {
    /// How often one is tried until it is answered with 2xx. After the first time 250 ms pass, then twice as much each.
    public var attempts = 3
    /// How long an answer may take; Twilio waits 15 s.
    public var timeout: Duration = .seconds(15)
    /// How many messages may have callbacks to come. More are lost, and counted.
    public var running = 20_000
    /// How many callbacks are kept to be looked at.
    public var keepLast = 10_000

    public init() {}
}
