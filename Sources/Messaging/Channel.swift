/// A way to reach somebody. The raw value is the `type` of the HTTP API and the `kind` of the job.
public enum Channel: String, CaseIterable, Codable, Sendable {
    case sms, mms, email, webhook

    /// The name of the queue that carries the channel's messages.
    public var queueName: String { "message_queue:\(rawValue)" }
}
