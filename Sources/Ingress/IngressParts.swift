public import JobRuntime
public import Tracing

/// What the ingress stands on.
public struct IngressParts: Sendable {
    /// The queue.
    public var intake: any MessageIntake
    public var suppressions: any SuppressionStore
    /// nil: no ledger is kept, and there are no lists.
    public var log: (any MessageLog)?
    public var callbacks: CallbackSettings
    /// nil: nobody can wait for the outcome of a message.
    public var outcomes: (any OutcomeSource)?
    /// nil: there are no routes for dead letters.
    public var deadLetters: DeadLetters?
    package var access = AccessRules()
    /// What the process has counted, in Prometheus's text format; nil: there is no such route.
    public var metrics: (@Sendable () async -> String)?
    /// Makes a span of each request; nil: none is made, and the trace that a request says it is part of is handed on.
    public var tracer: (any Tracer)?

    public init(
        intake: any MessageIntake, suppressions: any SuppressionStore, log: (any MessageLog)? = nil,
        callbacks: CallbackSettings = CallbackSettings(), outcomes: (any OutcomeSource)? = nil,
        deadLetters: DeadLetters? = nil
    ) {
        self.intake = intake
        self.suppressions = suppressions
        self.log = log
        self.callbacks = callbacks
        self.outcomes = outcomes
        self.deadLetters = deadLetters
    }
}
