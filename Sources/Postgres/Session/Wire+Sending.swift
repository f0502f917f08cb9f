import CLibpq

extension Wire {
    /// Several statements in one text.
    func send(script: String) throws(PostgresError) {
        try check(script)
        try expect(PQsendQuery(handle, script))
    }

    func send(_ sql: String, _ parameters: WireParameters) throws(PostgresError) {
        try check(sql)
        try expect(
            parameters.withPointers {
                PQsendQueryParams(handle, sql, $0.count, $0.types, $0.values, $0.lengths, $0.formats, 1)
            })
    }

    func send(prepared name: String, _ parameters: WireParameters) throws(PostgresError) {
        try expect(
            parameters.withPointers {
                PQsendQueryPrepared(handle, name, $0.count, $0.values, $0.lengths, $0.formats, 1)
            })
    }

    func send(prepare sql: String, as name: String, types: [UInt32]) throws(PostgresError) {
        try check(sql)
        try expect(PQsendPrepare(handle, name, sql, Int32(clamping: types.count), types))
    }

    /// Until this the server may keep the answers of a pipeline to itself.
    func sendSync() throws(PostgresError) { try expect(PQpipelineSync(handle)) }

    func enterPipeline() throws(PostgresError) { try expect(PQenterPipelineMode(handle)) }

    func exitPipeline() throws(PostgresError) { try expect(PQexitPipelineMode(handle)) }

    /// libpq takes it as far as the first NUL.
    private func check(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.badParameter, "the statement holds a NUL") }
    }

    private func expect(_ success: Int32) throws(PostgresError) {
        guard success != 1 else { return }
        throw PostgresError(isBroken ? .lost : .badParameter, message)
    }
}
