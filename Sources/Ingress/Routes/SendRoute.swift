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

    func add(to routes: Routes) {
        routes.on(.post, MessagePath.send, for: .send) { request, _ in
            let document = try await RequestDocument.read(request, limit: settings.maximumBodySize)
            return try await accept(try Self.submission(of: document, now: .unixMilliseconds))
        }
    }

    /// What a document asks for.
    ///
    /// - Parameter now: Unix milliseconds.
    static func submission(of document: ByteBuffer, now: Int64) throws(Problem) -> Submission {
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
        guard !faults.concern(), let submission = request.submission(now: now, reportingTo: &faults) else {
            throw .invalid(faults)
        }
        return submission
    }

    private func accept(_ submission: Submission) async throws(Problem) -> Response {
        let receipt: Receipt
        do throws(EnqueueError) {
            receipt = try await intake.enqueue(submission.job)
        } catch {
            throw refusal(error)
        }
        return MessageView.accepted(submission, receipt: receipt)
    }

    /// What the client is told. What went wrong is logged here, once per request and so at a level that an outage does
    /// not flood; the queue's client tells of the outage itself. An outcome in doubt is rare, and always told.
    private func refusal(_ error: EnqueueError) -> Problem {
        switch error {
        case .unavailable(let reason), .full(let reason):
            logger.debug("message refused: queue unavailable", metadata: ["reason": "\(reason)"])
            return .notAccepted(retryAfter: settings.retryAfterSeconds)
        case .conflict(let first):
            logger.debug("message refused: idempotency key in use", metadata: ["first": "\(first)"])
            return .notAccepted(retryAfter: settings.retryAfterSeconds)
        case .uncertain(let id, let reason):
            logger.warning("message in doubt: queue broke off", metadata: ["job": "\(id)", "reason": "\(reason)"])
            return .uncertain(id)
        }
    }
}
