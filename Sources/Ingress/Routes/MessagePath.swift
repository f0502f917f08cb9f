/// Where a message is found.
enum MessagePath {
    static let send = "/api/v1/messages/send"
    static let message = "/api/v1/messages/{id}"

    static func of(_ id: String) -> String { "/api/v1/messages/\(id)" }
}
