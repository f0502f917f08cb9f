import JobRuntime
import Ledger
import Logging
import Messaging

/// Finds messages by their jobs' records and by the ledger, for those who may see them.
///
/// The record is always up to date, but goes some time after the end and knows of one attempt only; the ledger lags a
/// little, and knows everything.
struct MessageFinder: Sendable {
    let intake: any MessageIntake
    /// nil: none is kept.
    let log: (any MessageLog)?
    let settings: IngressSettings
    let logger: Logger

    enum Finding {
        case stored(StoredMessage, ledger: LedgerMessage?)
        case logged(LedgerMessage)

        var id: JobID {
            switch self {
            case .stored(let message, _): message.record.id
            case .logged(let message): message.id
            }
        }
    }

    /// A message that its caller may see; to others it is not there.
    func find(_ parameter: Substring?, for caller: Caller) async throws(Problem) -> Finding {
        guard let id = parameter.flatMap({ JobID($0) }) else { throw .noMessageID }
        let record = await record(id)
        if case .success(let record?) = record {
            // A job of another kind is no message, whoever asks for it by id.
            guard let channel = Channel(rawValue: record.kind) else { throw .noMessage(id.description) }
            let stored = StoredMessage(record, channel: channel)
            let known = try? await logged(id).get()
            guard caller.sees(stored.extras?.tenant ?? known?.tenant) else { throw .noMessage(id.description) }
            return .stored(stored, ledger: known)
        }
        let known = await logged(id)
        if case .success(let message?) = known, caller.sees(message.tenant) { return .logged(message) }
        // That there is none is only true when both say so.
        _ = try record.get()
        _ = try known.get()
        throw .noMessage(id.description)
    }

    /// The queue cannot be asked.
    func unreachable(_ error: any Error) -> Problem {
        logger.debug("queue not reached", metadata: ["reason": "\(error)"])
        return .notReadable(retryAfter: settings.retryAfterSeconds)
    }

    private func record(_ id: JobID) async -> Result<JobRecord?, Problem> {
        do {
            return .success(try await intake.record(of: id))
        } catch {
            return .failure(unreachable(error))
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
