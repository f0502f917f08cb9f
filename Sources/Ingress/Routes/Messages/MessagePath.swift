/// Where messages and conversations are found.
enum MessagePath {
    static let list = "/api/v1/messages"
    static let send = "/api/v1/messages/send"
    static let batch = "/api/v1/messages/batch"
    static let cancel = "/api/v1/messages/{id}/cancel"
    static let retry = "/api/v1/messages/{id}/retry"
    static let counts = "/api/v1/messages/counts"
    static let message = "/api/v1/messages/{id}"
    static let conversations = "/api/v1/conversations"
    static let conversation = "/api/v1/conversations/{id}"

    static func of(_ id: String) -> String { "/api/v1/messages/\(id)" }
}
