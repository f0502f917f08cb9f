import Foundation

/// A message as a provider got it, before anything is decided about it.
struct Arrival: Sendable {
    var provider: Provider
    var at = Date()
    var to = ""
    var from: String?
    var subject: String?
    var body = ""
    var html: String?
    var media: [String] = []
    /// Kept for webhooks only; the others' headers say nothing that the record does not.
    var headers: [String: String]?
    var verification: Verification?
    /// A directive that came beside the message (a webhook's query).
    var directive: String?

    /// The same for each attempt of one message: what "per message" means wherever that is said.
    var identity: MessageIdentity {
        var hasher = Hasher()
        hasher.combine(provider)
        hasher.combine(to)
        hasher.combine(subject)
        hasher.combine(body)
        hasher.combine(html)
        hasher.combine(media)
        return MessageIdentity(hash: hasher.finalize())
    }
}

/// A hash of provider, recipient and content (64 bits: good enough to tell a test's messages apart).
struct MessageIdentity: Hashable, Sendable {
    let hash: Int
}
