/// One connection, on its thread. Its methods block until the server has answered, or has said nothing for the statement
/// timeout and a grace. To be used only within the body that it is given to.
public final class PostgresSession {
    var wire: Wire
    var plans = PlanCache()
    /// The server's answers can no longer be told apart, or there is no server: all further calls fail.
    private var isBroken = false
    /// Not to be used by others after this body.
    var isSpent = false

    init(_ wire: consuming Wire) { self.wire = wire }

    /// Whether it is as a new one, for the next body.
    var isReusable: Bool { !isBroken && !isSpent && wire.isIdle && !wire.isBroken }

    /// Whether a transaction is open, failed or not.
    public var isInTransaction: Bool { wire.isInTransaction }

    /// Runs one statement.
    ///
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func query(
        _ query: PostgresQuery, _ parameters: [PostgresValue] = []
    ) throws(PostgresError) -> PostgresRows {
        let bytes = try WireParameters(parameters)
        return try onWire { session throws(PostgresError) in
            if let name = try session.prepared(query, parameters) {
                try session.wire.send(prepared: name, bytes)
            } else {
                try session.wire.send(query.sql, bytes)
            }
            return PostgresRows(try session.answer())
        }
    }

    /// Runs several statements in one text, separated by semicolons: in one transaction, unless they say otherwise.
    ///
    /// - Throws: ``PostgresError``.
    public func script(_ sql: String) throws(PostgresError) {
        try onWire { session throws(PostgresError) in
            try session.wire.send(script: sql)
            _ = try session.answer()
        }
    }

    /// For statements that may take hours, until the end of the body; the connection is not used again. The end of a
    /// server is still noticed, its standing still only after a day.
    ///
    /// - Throws: ``PostgresError``.
    public func liftTimeouts() throws(PostgresError) {
        isSpent = true
        try script("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        wire.silence = .seconds(86400)
    }

    /// Does something with the connection, unless it is broken, and notes when it breaks.
    func onWire<Value>(
        _ body: (PostgresSession) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        guard !isBroken else { throw PostgresError(.lost, "the connection has ended") }
        do throws(PostgresError) {
            return try body(self)
        } catch {
            // A pipeline that was not ended has answers to come that belong to no call.
            if error.code == .lost || error.code == .timeout || wire.isInPipeline { isBroken = true }
            if error.isStalePlan { isSpent = true }
            throw error
        }
    }

    /// Reads all results of what was sent, one for each statement.
    ///
    /// - Returns: the last.
    func answer() throws(PostgresError) -> ServerResult {
        var last: ServerResult?
        var failure: PostgresError?
        while let result = try wire.nextResult() {
            failure = failure ?? result.error
            // Nothing follows it.
            if let failure, failure.code == .lost { throw failure }
            last = result
        }
        if let failure { throw failure }
        guard let last else { throw PostgresError(.lost, "there was no answer", mayHaveRun: true) }
        return last
    }

    /// The name under which a query is prepared, if it is to be.
    private func prepared(_ query: PostgresQuery, _ parameters: [PostgresValue]) throws(PostgresError) -> String? {
        guard query.isPrepared else { return nil }
        let key = PlanCache.Key(query, parameters)
        switch plans.plan(for: key) {
        case .unprepared: return nil
        case .known(let name): return name
        case .new(let name):
            do throws(PostgresError) {
                try wire.send(prepare: query.sql, as: name, types: key.types)
                _ = try answer()
            } catch {
                plans.forget(key)
                throw error.ofUncommitted()
            }
            return name
        }
    }
}
