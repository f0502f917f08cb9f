import HTTPTypes
import Hummingbird

// MARK: - What is wrong with a request before a route has it, or with the connection that it comes by

extension Problem {
    static let slowHead = Problem(
        status: .requestTimeout, title: "Request Timeout", detail: "The head of the request did not come in time.")

    static let headTooLarge = Problem(
        status: .requestHeaderFieldsTooLarge, title: "Request Header Fields Too Large",
        detail: "The head of a request must have at most \(ConnectionLimits.fields) fields and "
            + "\(ConnectionLimits.head) bytes.")

    static let targetTooLong = Problem(
        status: .uriTooLong, title: "URI Too Long",
        detail: "The target of a request must have at most \(ConnectionLimits.uri) bytes.")

    static let notHTTP = Problem(
        status: .badRequest, title: "Bad Request", detail: "What came is not HTTP that could be understood.")

    static let tooManyConnections = Problem(
        kind: .overloaded, status: .serviceUnavailable, title: "The service has too much to do",
        detail: "There are too many connections. Try again later.", headers: [.retryAfter: "2", .connection: "close"])

    static let slowBody = Problem(
        status: .requestTimeout, title: "Request Timeout",
        detail: "The body did not come in time. Nothing was accepted.")

    static let brokenBody = Problem(
        status: .badRequest, title: "Bad Request",
        detail: "The body broke off, or is not framed as HTTP wants it. Nothing was accepted.")

    static func bodiesTooMany(retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .overloaded, status: .serviceUnavailable, title: "The service has too much to do",
            detail: "Too many large requests are being read at once. Nothing was accepted. Try again later.",
            headers: [.retryAfter: String(seconds)])
    }

    static let noHost = Problem(
        status: .badRequest, title: "Bad Request", detail: "A request must say in Host what host it is for.")

    static let severalHosts = Problem(
        status: .badRequest, title: "Bad Request", detail: "A request must be for one host.")

    static let foreignHost = Problem(
        status: .misdirectedRequest, title: "Misdirected Request",
        detail: "The host that the request is for is not served here: see ALLOWED_HOSTS.")

    static let failed = Problem(
        status: .internalServerError, title: "Internal Server Error",
        detail: "The request could not be served. The log has the reason under its request_id.")
}
