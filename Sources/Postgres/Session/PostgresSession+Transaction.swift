extension PostgresSession {
    /// Runs a body in a transaction of its own: committed when the body returns, rolled back when it throws.
    ///
    /// - Throws: what the body throws; ``PostgresError``, with `mayHaveRun` only when the answer to COMMIT was lost.
    public func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        guard !isInTransaction else { throw Self.state("25001", "there is a transaction already") }
        let value: Value
        do {
            try query("BEGIN")
            value = try body()
        } catch {
            rollBack()
            if let error = error as? PostgresError { throw error.ofUncommitted() }
            throw error
        }
        try commit()
        return value
    }

    private func commit() throws(PostgresError) {
        let tag = try onWire { session throws(PostgresError) in
            try session.wire.send("COMMIT", WireParameters([]))
            return try session.answer().tag
        }
        // The server's answer where a statement had failed and the body went on as if it had not.
        if tag == "ROLLBACK" { throw Self.state("25P02", "a statement had failed: it was rolled back") }
    }

    /// Where it fails, the connection is given up, which comes to the same.
    private func rollBack() {
        if isInTransaction { _ = try? query("ROLLBACK") }
    }

    private static func state(_ sqlState: String, _ message: String) -> PostgresError {
        var error = PostgresError(.refused, message)
        error.sqlState = sqlState
        return error
    }
}
