import Hummingbird

/// What the ingress is measured beside: a Hummingbird route that decodes the same JSON and answers, and does nothing
/// else. No validation, no queue, no record.
///
///   bare-route <port>
@main
struct BareRoute {
    struct Message: Decodable {
        var from, to, type, body: String
        var subject, html: String?
        var attachments: [String]?
        var metadata: [String: String]?
    }

    struct Accepted: ResponseEncodable {
        var id, type, from, to, body, status: String
    }

    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8081
        let router = Router()
        router.post("/api/v1/messages/send") { request, context in
            let message = try await request.decode(as: Message.self, context: context)
            let accepted = Accepted(
                id: "0192f3a1-7c00-7000-8000-000000000000", type: message.type, from: message.from, to: message.to,
                body: message.body, status: "pending")
            return EditedResponse(status: .accepted, response: accepted)
        }
        try await Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
        ).runService()
    }
}
