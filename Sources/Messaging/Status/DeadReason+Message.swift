public import JobRuntime

extension DeadReason {
    /// The recipient is on the suppression list: it asked for no more messages, or cannot be reached.
    public static let suppressed = DeadReason(rawValue: "suppressed")
}
