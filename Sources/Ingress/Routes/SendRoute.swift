import HTTPTypes
import Hummingbird
import JobRuntime
import Logging
import Messaging

/// `POST /api/v1/messages/send`: takes one message in.
///
/// It reads the request, makes the id and enqueues; the 202 says that the queue has the message. Everything else happens
/// behind the queue.
struct SendRoute: Sendable {
    let intake: any MessageIntake
    let settings: IngressSettings
    let logger: Logger

    func add(to router: Router<IngressContext>) {
        router.post(RouterPath(MessagePath.send)) { request, _ in
            let document = try await RequestDocument.read(request, limit: settings.maximumBodySize)
            return try await accept(try Self.message(of: document))
        }
    }

    /// The message that a document asks for.
    static func message(of document: ByteBuffer) throws(Problem) -> Message {
        var scanner = JSONScanner(document)
        var faults = Faults()
        let request: SendRequest
        do throws(JSONSyntaxError) {
            request = try SendRequest(&scanner, reportingTo: &faults)
            try scanner.finish()
        } catch {
            throw .malformed(error)
        }
        // A document that is no object at all has that one fault, not that of missing members as well.
        guard !faults.concern(), let message = request.message(reportingTo: &faults) else { throw .invalid(faults) }
        return message
    }

    private func accept(_ message: Message) async throws(Problem) -> Response {
        let channel = message.channel
        let job = NewJob(queue: JobQueue(channel.queueName), kind: channel.rawValue, payload: message.json())
        let receipt: Receipt
        do throws(EnqueueError) {
            receipt = try await intake.enqueue(job)
        } catch {
            throw refusal(error)
        }
        return MessageView.accepted(message, receipt: receipt)
    }

    /// What the client is told. What went wrong is logged here, once per request and so at a level that an outage does
    /// not flood; the queue's client tells of the outage itself. An outcome in doubt is rare, and always told.
    private func refusal(_ error: EnqueueError) -> Problem {
        switch error {
        case .unavailable(let reason), .full(let reason):
            logger.debug("message refused: queue unavailable", metadata: ["reason": "\(reason)"])
            return .notAccepted(retryAfter: settings.retryAfterSeconds)
        case .uncertain(let id, let reason):
            logger.warning("message in doubt: queue broke off", metadata: ["job": "\(id)", "reason": "\(reason)"])
            return .uncertain(id)
        }
    }
}
