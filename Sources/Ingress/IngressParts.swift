/// What the ingress stands on.
public struct IngressParts: Sendable {
    /// The queue.
    public var intake: any MessageIntake
    public var suppressions: any SuppressionStore
    /// nil: no ledger is kept, and there are no lists.
    public var log: (any MessageLog)?
    public var callbacks: CallbackSettings

    public init(
        intake: any MessageIntake, suppressions: any SuppressionStore, log: (any MessageLog)? = nil,
        callbacks: CallbackSettings = CallbackSettings()
    ) {
        self.intake = intake
        self.suppressions = suppressions
        self.log = log
        self.callbacks = callbacks
    }
}
