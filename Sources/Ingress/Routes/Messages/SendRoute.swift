import HTTPTypes
import Hummingbird
import JobRuntime
import Logging
import Messaging
import NIOCore

/// `POST /api/v1/messages/send`: takes one message in.
///
/// It reads the request, makes the id and enqueues; the 202 says that the queue has the message. Who would rather wait
/// for the outcome is answered later, by what the queue has made of it: the way of the message is the same.
struct SendRoute: Sendable {
    let acceptance: Acceptance
    /// nil: nobody can wait.
    let outcomes: (any OutcomeSource)?
    let settings: IngressSettings

    func add(to routes: Routes) {
        routes.on(.post, MessagePath.send, for: .send, metering: .one) { request, context in
            let document = try await RequestDocument.read(request, context, limit: settings.maximumBodySize)
            let key = try IdempotencyKey(request)
            var submission = try Self.submission(of: document, now: .unixMilliseconds)
            submission.tenant = context.caller.tenant
            var job = submission.job
            job.idempotency = key?.claim(job, tenant: submission.tenant)
            if let trace = context.trace { job.meta.trace = trace.fields }
            let receipt = try await acceptance.accept(job)
            if receipt.isDuplicate { await context.meter?.giveBack(1) }
            if let wait = wait(Preferences(request)), let answer = await outcome(of: submission, receipt, wait) {
                return answer
            }
            return MessageView.accepted(submission, receipt: receipt)
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

    /// How many seconds to wait for the outcome.
    private func wait(_ preferences: Preferences) -> Int? {
        let seconds = preferences.wait ?? (settings.waitsForOutcome ? settings.longestWait : 0)
        return seconds > 0 ? min(seconds, settings.longestWait) : nil
    }

    /// The answer of one who has waited; nil where there is nothing more to tell than that it was accepted.
    private func outcome(of submission: Submission, _ receipt: Receipt, _ seconds: Int) async -> Response? {
        // What is to be sent later will not be sent before.
        if let sendAt = submission.sendAt, sendAt > receipt.enqueuedAt + Int64(seconds) * 1000 { return nil }
        let record = try? await outcomes?.outcome(
            of: receipt.id, within: .seconds(seconds), isSettled: { MessageStatus($0).isSettled })
        guard let record else { return nil }
        let isSettled = MessageStatus(record).isSettled
        var answer = MessageView.current(
            StoredMessage(record, channel: submission.message.channel), status: isSettled ? .ok : .accepted)
        answer.headers[.location] = MessagePath.of(receipt.id.description)
        if let name = HTTPField.Name("Preference-Applied") { answer.headers[name] = "wait=\(seconds)" }
        return answer
    }
}
