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

    private static func known(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) cannot be a field's name") }
        return name
    }
}
