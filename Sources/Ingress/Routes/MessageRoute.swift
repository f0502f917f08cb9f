import Hummingbird
import JobRuntime
import Logging
import Messaging

/// `GET /api/v1/messages/{id}`: what has become of a message, by its job's record.
struct MessageRoute: Sendable {
    let intake: any MessageIntake
    let settings: IngressSettings
    let logger: Logger

    func add(to router: Router<IngressContext>) {
        router.get(RouterPath(MessagePath.message)) { _, context in
            guard let id = context.parameters["id"].flatMap({ JobID($0) }) else { throw Problem.noMessageID }
            return try await message(id)
        }
    }

    private func message(_ id: JobID) async throws(Problem) -> Response {
        let record: JobRecord?
        do {
            record = try await intake.record(of: id)
        } catch {
            logger.debug("record not readable", metadata: ["job": "\(id)", "reason": "\(error)"])
            throw .notReadable(retryAfter: settings.retryAfterSeconds)
        }
        // A job of another kind is no message, whoever asks for it by id.
        guard let record, let channel = Channel(rawValue: record.kind) else { throw .noMessage(id.description) }
        return MessageView.current(record, channel: channel)
    }
}
