import HTTPTypes
import JobRuntime
import Messaging

// MARK: - What the client did

extension Problem {
    static func wrongType(_ types: String) -> Problem {
        Problem(
            status: .unsupportedMediaType, title: "Unsupported Media Type",
            detail: "The body must be \(types), in UTF-8.",
            headers: [.accept: types.replacing(" or ", with: ", ")])
    }

    static let encoded = Problem(
        status: .unsupportedMediaType, title: "Unsupported Media Type",
        detail: "The body must not be compressed or otherwise encoded.", headers: [.acceptEncoding: "identity"])

    static func tooLarge(limit: Int) -> Problem {
        Problem(
            status: .contentTooLarge, title: "Content Too Large", detail: "The body must have at most \(limit) bytes.")
    }

    static func malformed(_ error: JSONSyntaxError) -> Problem {
        Problem(
            kind: .malformedJSON, status: .badRequest, title: "The body is not JSON", detail: "\(error).",
            errors: [Fault(pointer: "", detail: "\(error)")])
    }

    static func invalid(_ faults: Faults) -> Problem {
        Problem(
            kind: .invalidMessage, status: .unprocessableContent, title: "The message is not valid",
            detail: "Nothing was accepted. It is wrong in \(faults.places).", errors: faults.list)
    }

    static func invalidSuppression(_ faults: Faults) -> Problem {
        Problem(
            kind: .invalidSuppression, status: .unprocessableContent, title: "The suppression is not valid",
            detail: "The list is as it was. The suppression is wrong in \(faults.places).", errors: faults.list)
    }

    static func invalidBatch(_ faults: Faults) -> Problem {
        Problem(
            kind: .invalidBatch, status: .unprocessableContent, title: "The batch is not valid",
            detail: "Nothing was accepted. It is wrong in \(faults.places).", errors: faults.list)
    }

    static func invalidFilter(_ faults: Faults) -> Problem {
        Problem(
            kind: .invalidFilter, status: .unprocessableContent, title: "The filter is not valid",
            detail: "Nothing was done. It is wrong in \(faults.places).", errors: faults.list)
    }

    static let badIdempotencyKey = Problem(
        status: .badRequest, title: "Bad Request",
        detail: "An Idempotency-Key has 1 to \(IdempotencyKey.longest) visible characters of ASCII, and is given once.")

    static func idempotencyConflict(_ id: JobID) -> Problem {
        Problem(
            kind: .idempotencyConflict, status: .unprocessableContent,
            title: "The idempotency key belongs to another message",
            detail: "Nothing was accepted. Another message was accepted with this Idempotency-Key: it is message_url. "
                + "What is to be sent besides it needs a key of its own.",
            message: id.description)
    }

    static func notCancelable(_ id: JobID, _ why: String) -> Problem {
        Problem(
            kind: .notCancelable, status: .conflict, title: "The message cannot be canceled",
            detail: "It stays as it is: \(why).", message: id.description)
    }

    static func notRetryable(_ id: JobID, _ why: String) -> Problem {
        Problem(
            kind: .notRetryable, status: .conflict, title: "The message cannot be tried again",
            detail: "It stays as it is: \(why).", message: id.description)
    }

    static let noDeadLetter = Problem(
        status: .notFound, title: "Not Found", detail: "There is no such dead letter.")

    static func noQueue(_ known: [String]) -> Problem {
        Problem(
            status: .notFound, title: "Not Found",
            detail: "There is no such queue. There are \(known.joined(separator: ", ")).")
    }

    static func badQuery(_ detail: String) -> Problem {
        Problem(status: .badRequest, title: "Bad Request", detail: detail)
    }

    static func invalidQuery(_ faults: Faults) -> Problem {
        Problem(
            kind: .invalidQuery, status: .badRequest, title: "The query is not valid",
            detail: "Each error names a parameter.", errors: faults.list)
    }

    static let noConversation = Problem(
        status: .notFound, title: "Not Found", detail: "There is no such conversation.")

    static func noMessage(_ id: String) -> Problem {
        Problem(
            status: .notFound, title: "Not Found",
            detail: "There is no message \(id): it never was, or its record has expired.")
    }

    static let noMessageID = Problem(
        status: .notFound, title: "Not Found",
        detail: "There is no such message: the id of a message is a UUID of version 7.")

    static let noSuppression = Problem(
        status: .notFound, title: "Not Found", detail: "The address is not on the list.")

    /// Why is not said: it would help whoever tries.
    static let notSigned = Problem(
        status: .forbidden, title: "Forbidden", detail: "Only what bears its provider's signature is taken here.")

    static func notAllowed(_ scope: Caller.Scope) -> Problem {
        Problem(
            status: .forbidden, title: "Forbidden",
            detail: "The API key is not allowed to \(scope.rawValue): that is not among its scopes.")
    }

    static let noRoute = Problem(
        status: .notFound, title: "Not Found", detail: "There is nothing under this path.")

    static func methodNotAllowed(_ allowed: [String]) -> Problem {
        let list = allowed.joined(separator: ", ")
        return Problem(
            status: .methodNotAllowed, title: "Method Not Allowed", detail: "This path takes \(list).",
            headers: [.allow: list])
    }
}

// MARK: - What the service could not do

extension Problem {
    /// The queue did not take the message. Why is for the operator's log: it may name hosts.
    static func notAccepted(retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .queueUnavailable, status: .serviceUnavailable, title: "The queue is not available",
            detail: "The message was not accepted and will not be sent. Send the same request again later.",
            headers: [.retryAfter: String(seconds)])
    }

    /// Nothing is broken: more comes in than goes out.
    static func full(_ reason: String, retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .queueFull, status: .serviceUnavailable, title: "The queue is full",
            detail: "The message was not accepted and will not be sent: \(reason). Send the same request again later.",
            headers: [.retryAfter: String(seconds)])
    }

    /// Not a 503, and without a time to try again: a client that repeats those by itself would send it twice.
    static func uncertain(_ id: JobID) -> Problem {
        Problem(
            kind: .outcomeUncertain, status: .internalServerError, title: "It is not known whether the queue took it",
            detail: "The connection to the queue broke while the message was on its way, and it may still be accepted. "
                + "Ask for message_url before sending it again.",
            message: id.description)
    }

    static func notReadable(retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .queueUnavailable, status: .serviceUnavailable, title: "The queue is not available",
            detail: "What has become of the message cannot be told now. Ask again later.",
            headers: [.retryAfter: String(seconds)])
    }

    static func ledgerUnavailable(retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .ledgerUnavailable, status: .serviceUnavailable, title: "The ledger is not available",
            detail: "What was sent cannot be looked up now. Sending is not affected. Ask again later.",
            headers: [.retryAfter: String(seconds)])
    }

    static let noLedger = Problem(
        kind: .noLedger, status: .notImplemented, title: "No ledger is kept",
        detail: "Lists come from the ledger, which needs Postgres: see DATABASE_URL and LEDGER_ENABLED.")

    /// For a provider, which then calls again. It may do so where it is not known whether the queue took the callback:
    /// what is told twice counts once.
    static func callbackNotAccepted(retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .queueUnavailable, status: .serviceUnavailable, title: "The queue is not available",
            detail: "The callback was not accepted. Send the same request again later.",
            headers: [.retryAfter: String(seconds)])
    }

    static func suppressionsUnavailable(retryAfter seconds: Int) -> Problem {
        Problem(
            kind: .queueUnavailable, status: .serviceUnavailable, title: "The list is not available",
            detail: "The list of suppressions cannot be reached now. Send the same request again later.",
            headers: [.retryAfter: String(seconds)])
    }
}

extension Faults {
    fileprivate var places: String { list.count == 1 ? "one place" : "\(list.count) places" }
}
