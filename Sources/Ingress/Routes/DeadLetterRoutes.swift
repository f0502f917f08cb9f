import Delivery
import HTTPTypes
import Hummingbird
import JobRuntime
import Logging
import Messaging
import NIOCore

/// `/api/v1/dead-letters`: the jobs that no further attempt is made of, for operators: to look at, to put back into
/// their queue, to throw away.
struct DeadLetterRoutes: Sendable {
    static let path = "/api/v1/dead-letters"
    static let queues = Messaging.Channel.allCases.map(\.queueName) + [ProviderCallback.queueName]

    let letters: DeadLetters
    let settings: IngressSettings
    let logger: Logger

    func add(to routes: Routes) {
        let (queue, one) = (Self.path + "/{queue}", Self.path + "/{queue}/{id}")
        routes.on(.get, queue, for: .operate) { request, context in
            let name = try Self.queue(context)
            let (filter, cursor, limit) = try ListQuery.deadLetters(request)
            let page = try await reach { try await letters.list(name, matching: filter, after: cursor, limit: limit) }
            return DeadLetterView.list(page)
        }
        routes.on(.get, one, for: .operate) { _, context in
            DeadLetterView.whole(try await letter(context))
        }
        routes.on(.post, one + "/redrive", for: .operate) { _, context in
            let (name, letter) = (try Self.queue(context), try await letter(context))
            let tally = try await reach { try await letters.redrive(name, .letters([letter.id])) }
            return DeadLetterView.tally(tally, "redriven")
        }
        routes.on(.delete, one, for: .operate) { _, context in
            let (name, letter) = (try Self.queue(context), try await letter(context))
            return DeadLetterView.tally(
                try await reach { try await letters.drop(name, .letters([letter.id])) }, "dropped")
        }
        routes.on(.post, queue + "/redrive", for: .operate) { request, context in
            let name = try Self.queue(context)
            let meant = try await meant(request, context)
            let tally = try await reach {
                try await letters.redrive(name, .matching(meant.filter), includingUnknown: meant.includesUnknown)
            }
            return DeadLetterView.tally(tally, "redriven")
        }
        routes.on(.post, queue + "/drop", for: .operate) { request, context in
            let name = try Self.queue(context)
            let meant = try await meant(request, context)
            return DeadLetterView.tally(
                try await reach { try await letters.drop(name, .matching(meant.filter)) }, "dropped")
        }
    }

    private func meant(_ request: Request, _ context: IngressContext) async throws -> DeadLetterRequest {
        let document = try await RequestDocument.read(request, context, limit: settings.maximumBodySize)
        return try DeadLetterRequest(document)
    }

    /// A queue by its whole name, or by the channel's alone.
    private static func queue(_ context: IngressContext) throws(Problem) -> String {
        let text = context.parameters["queue"].map(String.init) ?? ""
        if let channel = Messaging.Channel(rawValue: text) { return channel.queueName }
        guard queues.contains(text) else { throw .noQueue(queues) }
        return text
    }

    /// A letter by its own id, or by its message's.
    private func letter(_ context: IngressContext) async throws(Problem) -> DeadLetter {
        let name = try Self.queue(context)
        let text = context.parameters["id"].map(String.init) ?? ""
        let found: DeadLetter?
        if let job = JobID(text) {
            found = try await reach { try await letters.show(job, of: name) }
        } else if let id = DeadLetter.ID(text) {
            found = try await reach { try await letters.show(id, of: name) }
        } else {
            found = nil
        }
        guard let found else { throw .noDeadLetter }
        return found
    }

    private func reach<Value>(_ body: () async throws -> Value) async throws(Problem) -> Value {
        do {
            return try await body()
        } catch {
            logger.debug("dead letters not reached", metadata: ["reason": "\(error)"])
            throw .notReadable(retryAfter: settings.retryAfterSeconds)
        }
    }
}
