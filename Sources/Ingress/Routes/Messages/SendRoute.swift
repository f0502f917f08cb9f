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
        routes.on(.post, MessagePath.send, for: .send, metering: .byHandler) { request, context in
            let document = try await RequestDocument.read(request, context, limit: settings.maximumBodySize)
            let key = try IdempotencyKey(request)
            let (submission, receipt) = try await accept(
                try Self.message(in: document, now: .unixMilliseconds), key, context)
            if let wait = wait(Preferences(request)), let answer = await outcome(of: submission, receipt, wait) {
                return answer
            }
            return MessageView.accepted(submission, receipt: receipt)
        }
    }

    /// A repetition is answered as its first request was, whatever would be said of it today.
    private func accept(
        _ message: ReadMessage, _ key: IdempotencyKey?, _ context: IngressContext
    ) async throws(Problem) -> (Submission, Receipt) {
        var submission: Submission
        var refusal: Problem?
        switch message {
        case .valid(let valid): submission = valid
        case .late(let late, let problem): (submission, refusal) = (late, problem)
        case .invalid(let problem): throw problem
        }
        submission.tenant = context.caller.tenant
        var job = submission.job
        job.idempotency = key?.claim(job, tenant: submission.tenant)
        if let trace = context.trace, !trace.isCurrent { job.meta.trace = trace.fields }
        do throws(Problem) {
            if let refusal { throw refusal }
            try await context.meter?.take(1)
        } catch {
            guard key != nil, let known = try await acceptance.known([job]).first, let known else { throw error }
            return (submission, known)
        }
        let receipt = try await acceptance.accept(job)
        if receipt.isDuplicate { await context.meter?.giveBack(1) }
        return (submission, receipt)
    }

    /// What a document asks for.
    ///
    /// - Parameter now: Unix milliseconds.
    static func submission(of document: ByteBuffer, now: Int64) throws(Problem) -> Submission {
        switch try message(in: document, now: now) {
        case .valid(let submission): submission
        case .late(_, let problem), .invalid(let problem): throw problem
        }
    }

    private static func message(in document: ByteBuffer, now: Int64) throws(Problem) -> ReadMessage {
        var scanner = JSONScanner(document)
        do throws(JSONSyntaxError) {
            let message = try scanner.message(now: now)
            try scanner.finish()
            return message
        } catch {
            throw .malformed(error)
        }
    }

    /// How many seconds to wait for the outcome.
    private func wait(_ preferences: Preferences) -> Int? {
        let seconds = preferences.wait ?? (settings.waitsForOutcome ? settings.longestWait : 0)
        return seconds > 0 ? min(seconds, settings.longestWait) : nil
    }

    /// The answer of one who has waited; nil where there is nothing more to tell than that it was accepted.
    private func outcome(of submission: Submission, _ receipt: Receipt, _ seconds: Int) async -> Response? {
        // What is to be sent later will not be sent before.
        if let sendAt = submission.sendAt, sendAt > .unixMilliseconds + Int64(seconds) * 1000 { return nil }
        let record = try? await outcomes?.outcome(
            of: receipt.id, within: .seconds(seconds), isSettled: { MessageStatus($0).isSettled })
        guard let record else { return nil }
        let isSettled = MessageStatus(record).isSettled
        var answer = MessageView.current(
            StoredMessage(record, channel: submission.message.channel), status: isSettled ? .ok : .accepted)
        answer.headers[.location] = MessagePath.of(receipt.id.description)
        MessageView.mark(&answer.headers, receipt)
        answer.headers[.preferenceApplied] = "wait=\(seconds)"
        return answer
    }
}
