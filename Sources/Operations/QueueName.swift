/// Names of queues as they are typed and shown: `sms` is `message_queue:sms`.
public enum QueueName {
    private static let messages = "message_queue:"

    /// The whole name of a queue that is known; nil when none is meant.
    public static func resolve(_ name: String, among known: some Collection<String>) -> String? {
        [name, messages + name].first { known.contains($0) }
    }

    /// As short as it can be typed.
    public static func short(_ queue: String) -> String {
        queue.hasPrefix(messages) ? String(queue.dropFirst(messages.count)) : queue
    }
}
