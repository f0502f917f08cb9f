import HTTPTypes
import Hummingbird
import JobRuntime
import Ledger
import Messaging

/// One message: `GET /api/v1/messages/{id}`, and what a client can still do about it: `/cancel` and `/retry`.
struct MessageRoutes: Sendable {
    let finder: MessageFinder
    let intake: any MessageIntake

    func add(to routes: Routes) {
        routes.on(.get, MessagePath.message, for: .read) { _, context in
            try await show(context.parameters["id"], context.caller)
        }
        routes.on(.post, MessagePath.cancel, for: .send) { _, context in
            try await act(on: context) { id throws(Problem) in
                switch try await reach({ try await intake.cancel(id) }) {
                case .canceled: return .ok
                case .running: throw .notCancelable(id, "it is being sent, or may have been")
                case .ended(let state): throw .notCancelable(id, "it has ended as \(state)")
                case .notFound: throw .notCancelable(id, "it has ended, and its record has expired")
                }
            }
        }
        routes.on(.post, MessagePath.retry, for: .send) { _, context in
            try await act(on: context) { id throws(Problem) in
                switch try await reach({ try await intake.retry(id) }) {
                case .redriven, .hastened: return .accepted
                case .queued: throw .notRetryable(id, "it waits for a worker already")
                case .running: throw .notRetryable(id, "it is being sent")
                case .scheduled: throw .notRetryable(id, "it is to be sent later, at its send_at")
                case .inDoubt: throw .notRetryable(id, "it may have been sent, and a person has to say whether it was")
                case .ended(let state): throw .notRetryable(id, "it has ended as \(state)")
                case .notFound: throw .notRetryable(id, "nothing is left of it to be sent")
                }
            }
        }
    }

    private func show(
        _ id: Substring?, _ caller: Caller, status: HTTPResponse.Status = .ok
    ) async throws(Problem) -> Response {
        answer(try await finder.find(id, for: caller), status: status)
    }

    private func answer(_ found: MessageFinder.Finding, status: HTTPResponse.Status) -> Response {
        switch found {
        case .stored(let message, let ledger):
            return MessageView.current(message, ledger: ledger, keepsLedger: finder.log != nil, status: status)
        case .logged(let message):
            var answer = MessageView.logged(message)
            answer.status = status
            return answer
        }
    }

    /// Does something to a message that its caller may see, and shows what has become of it.
    private func act(
        on context: IngressContext, _ body: (JobID) async throws(Problem) -> HTTPResponse.Status
    ) async throws(Problem) -> Response {
        let parameter = context.parameters["id"]
        let found = try await finder.find(parameter, for: context.caller)
        let status = try await body(found.id)
        do throws(Problem) {
            return try await show(parameter, context.caller, status: status)
        } catch {
            // It is done all the same, and must not look as if it were not.
            return answer(found, status: status)
        }
    }

    private func reach<Value>(_ body: () async throws -> Value) async throws(Problem) -> Value {
        do {
            return try await body()
        } catch {
            throw finder.unreachable(error)
        }
    }
}
