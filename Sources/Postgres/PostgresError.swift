/// Why a statement has no result, or why it is no good.
///
/// The description is for logs. It has what Postgres calls the primary message and never the ``detail``, which quotes
/// the values of rows.
public struct PostgresError: Error, Sendable, Equatable {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case unavailable, busy, cancelled, lost, timeout, refused, badParameter, unexpectedResult
        }
        private let kind: Kind

        /// There is no connection and none could be made. Nothing ran.
        public static let unavailable = Code(kind: .unavailable)
        /// All connections were busy for as long as a caller waits for one. Nothing ran.
        public static let busy = Code(kind: .busy)
        /// The task was cancelled while it waited for a connection. Nothing ran.
        public static let cancelled = Code(kind: .cancelled)
        /// The connection broke off before the answer came.
        public static let lost = Code(kind: .lost)
        /// The server said nothing for too long. The connection is given up.
        public static let timeout = Code(kind: .timeout)
        /// The server answered with an error; see ``PostgresError/sqlState``.
        public static let refused = Code(kind: .refused)
        /// A value that cannot be sent. Nothing ran.
        public static let badParameter = Code(kind: .badParameter)
        /// The result has not the columns, types or values that were asked of it.
        public static let unexpectedResult = Code(kind: .unexpectedResult)

        public var description: String { kind.rawValue }
    }

    public let code: Code
    public let message: String
    /// Whether the statement may have had its effect. False means that it certainly had none.
    public internal(set) var mayHaveRun: Bool

    /// The five letters of the server's error, such as `23505`; see appendix A of Postgres's documentation.
    public internal(set) var sqlState: String?
    /// `ERROR`, `FATAL` or `PANIC`.
    public internal(set) var severity: String?
    /// More about it, with values of the row: not for a log.
    public internal(set) var detail: String?
    public internal(set) var constraint: String?
    public internal(set) var table: String?
    /// Which call of a pipeline failed, counted from 0.
    public internal(set) var call: Int?
    /// The server knows a prepared statement no more, or the tables have changed under it: on another connection the
    /// same call works.
    var isStalePlan = false

    public init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
    }
}

extension PostgresError {
    /// Whether the same call may well succeed later.
    public var isTransient: Bool {
        switch code {
        case .unavailable, .busy, .lost, .timeout: return true
        case .refused: break
        default: return false
        }
        guard let sqlState else { return false }
        // Connection, transaction rollback (deadlock, serialization), resources, shutdown and start; the statement
        // timeout; the lock timeout; a server that is a standby for now.
        return isStalePlan || ["08", "40", "53", "57P0"].contains(where: sqlState.hasPrefix)
            || ["57014", "55P03", "25006"].contains(sqlState)
    }

    /// Whether it is the values that are at fault: the same call fails again, one with others may not.
    public var isData: Bool {
        code == .badParameter || (code == .refused && ["22", "23"].contains { sqlState?.hasPrefix($0) == true })
    }

    /// The same error of a transaction that was not committed when it happened.
    func ofUncommitted() -> PostgresError {
        var error = self
        error.mayHaveRun = false
        return error
    }

    func ofCall(_ index: Int) -> PostgresError {
        var error = self
        error.call = index
        return error
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        var text = "postgres: \(code)"
        if let sqlState { text += " \(sqlState)" }
        text += ": \(message)"
        if let constraint { text += " (constraint \(constraint))" }
        if let call { text += " (call \(call) of the pipeline)" }
        return text + (mayHaveRun ? " (the statement may have run)" : "")
    }

    public var debugDescription: String { description }
}
