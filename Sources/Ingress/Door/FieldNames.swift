import HTTPTypes
import Hummingbird

/// The fields that HTTPTypes has no names for.
extension HTTPField.Name {
    /// The codec takes the first one out of the fields, and HTTPTypes has no name for more.
    static let secondHost = known("Host")
    static let requestID = known("X-Request-Id")
    static let referrerPolicy = known("Referrer-Policy")
    static let forwarded = known("Forwarded")
    static let forwardedFor = known("X-Forwarded-For")
    static let apiKey = known("X-API-Key")
    static let idempotencyKey = known("Idempotency-Key")
    static let idempotentReplayed = known("Idempotent-Replayed")
    static let prefer = known("Prefer")
    static let preferenceApplied = known("Preference-Applied")
    static let link = known("Link")
    static let legacyLimit = known("X-RateLimit-Limit")
    static let legacyRemaining = known("X-RateLimit-Remaining")
    static let legacyReset = known("X-RateLimit-Reset")
    static let rateLimit = known("RateLimit")
    static let rateLimitPolicy = known("RateLimit-Policy")

    private static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) cannot be a field's name") }
        return name
    }
}
