import CLibpq

extension PostgresSession {
    /// Sends all calls together, without waiting for an answer before the next, and reads one answer each.
    ///
    /// The first error ends it: what comes after does not run, and outside of a transaction what came before is undone.
    ///
    /// - Throws: ``PostgresError``, with its ``PostgresError/call``.
    public func pipeline(
        _ calls: [(PostgresQuery, [PostgresValue])]
    ) throws(PostgresError) -> [PostgresRows] {
        guard !calls.isEmpty else { return [] }
        var bytes: [WireParameters] = []
        for (index, call) in calls.enumerated() {
            do throws(PostgresError) {
                bytes.append(try WireParameters(call.1))
            } catch {
                throw error.ofCall(index)
            }
        }
        return try onWire { session throws(PostgresError) in
            try session.wire.enterPipeline()
            let steps = try session.send(calls, bytes)
            let result = try session.answers(to: steps)
            try session.wire.exitPipeline()
            return try result.get()
        }
    }

    private enum Step {
        case prepare(PlanCache.Key, forCall: Int)
        case call(Int)
    }

    private func send(
        _ calls: [(PostgresQuery, [PostgresValue])], _ bytes: [WireParameters]
    ) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        steps.reserveCapacity(calls.count)
        for (index, (query, parameters)) in calls.enumerated() {
            let key = PlanCache.Key(query, parameters)
            switch query.isPrepared ? plans.plan(for: key) : .unprepared {
            case .unprepared: try wire.send(query.sql, bytes[index])
            case .known(let name): try wire.send(prepared: name, bytes[index])
            case .new(let name):
                try wire.send(prepare: query.sql, as: name, types: key.types)
                steps.append(.prepare(key, forCall: index))
                try wire.send(prepared: name, bytes[index])
            }
            steps.append(.call(index))
        }
        try wire.sendSync()
        return steps
    }

    /// - Throws: what ends the connection. An error of the server is a result.
    private func answers(to steps: [Step]) throws(PostgresError) -> Result<[PostgresRows], PostgresError> {
        var rows: [PostgresRows] = []
        rows.reserveCapacity(steps.count)
        var failure: PostgresError?
        for step in steps {
            let result = try pipelined()
            // After each there is a nil.
            guard try wire.nextResult() == nil else { throw Self.outOfStep }
            let isAborted = result.status == PGRES_PIPELINE_ABORTED
            switch step {
            case .prepare(let key, let index):
                if isAborted || result.error != nil { plans.forget(key) }
                if !isAborted { failure = failure ?? result.error?.ofCall(index) }
            case .call(let index):
                if !isAborted { failure = failure ?? result.error?.ofCall(index) }
                if failure == nil { rows.append(PostgresRows(result)) }
            }
        }
        var end = try pipelined()
        if let error = end.error, end.status != PGRES_PIPELINE_SYNC {
            // What is checked at the end of a transaction that nobody began.
            failure = failure ?? error
            while let result = try wire.nextResult() { end = result }
            if end.status != PGRES_PIPELINE_SYNC { end = try pipelined() }
        }
        guard end.status == PGRES_PIPELINE_SYNC else { throw Self.outOfStep }
        return failure.map { .failure($0) } ?? .success(rows)
    }

    /// The next result, which there must be, and not the connection's end.
    private func pipelined() throws(PostgresError) -> ServerResult {
        guard let result = try wire.nextResult() else { throw Self.outOfStep }
        if let error = result.error, error.code == .lost,
            ![PGRES_PIPELINE_ABORTED, PGRES_PIPELINE_SYNC].contains(result.status)
        {
            throw error
        }
        return result
    }

    private static var outOfStep: PostgresError {
        PostgresError(.lost, "the answers of a pipeline are out of step", mayHaveRun: true)
    }
}
