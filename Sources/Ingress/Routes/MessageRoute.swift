import Hummingbird
import JobRuntime
import Ledger
import Logging
import Messaging

/// `GET /api/v1/messages/{id}`: what has become of a message, by its job's record and by the ledger.
///
/// The record is always up to date, but goes some time after the end and knows of one attempt only; the ledger lags a
/// little, and knows everything.
struct MessageRoute: Sendable {
    let intake: any MessageIntake
    /// nil: none is kept.
    let log: (any MessageLog)?
    let settings: IngressSettings
    let logger: Logger

    func add(to routes: Routes) {
        routes.on(.get, MessagePath.message, for: .read) { _, context in
            guard let id = context.parameters["id"].flatMap({ JobID($0) }) else { throw Problem.noMessageID }
            return try await message(id)
        }
    }

    private func message(_ id: JobID) async throws(Problem) -> Response {
        let record = await record(id)
        if case .success(let record?) = record {
            // A job of another kind is no message, whoever asks for it by id.
            guard let channel = Channel(rawValue: record.kind) else { throw .noMessage(id.description) }
            let known = try? await logged(id).get()
            return MessageView.current(record, channel: channel, ledger: known, keepsLedger: log != nil)
        }
        let known = await logged(id)
        if case .success(let message?) = known { return MessageView.logged(message) }
        // That there is none is only true when both say so.
        _ = try record.get()
        _ = try known.get()
        throw .noMessage(id.description)
    }

    private func record(_ id: JobID) async -> Result<JobRecord?, Problem> {
        do {
            return .success(try await intake.record(of: id))
        } catch {
            logger.debug("record not readable", metadata: ["job": "\(id)", "reason": "\(error)"])
            return .failure(.notReadable(retryAfter: settings.retryAfterSeconds))
        }
    }

    private func logged(_ id: JobID) async -> Result<LedgerMessage?, Problem> {
        do {
            return .success(try await log?.message(id))
        } catch {
            logger.warning("ledger not readable", metadata: ["job": "\(id)", "reason": "\(error)"])
            return .failure(.ledgerUnavailable(retryAfter: settings.retryAfterSeconds))
        }
    }
}
