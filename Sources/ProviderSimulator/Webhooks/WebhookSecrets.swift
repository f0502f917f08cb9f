import Synchronization

/// The secrets by which webhooks are verified: those of a name, or else those for all.
final class WebhookSecrets: Sendable {
    private let always: [WebhookSecret]
    private let named = Mutex<[String: [WebhookSecret]]>([:])

    init(always: [WebhookSecret]) {
        self.always = always
    }

    /// Empty: nothing to verify with.
    subscript(name: String) -> [WebhookSecret] {
        named.withLock { $0[name] } ?? always
    }

    /// - Parameter secrets: nil goes back to the secrets for all.
    func set(_ secrets: [WebhookSecret]?, for name: String) {
        named.withLock { $0[name] = secrets }
    }
}
