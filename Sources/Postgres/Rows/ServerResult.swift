import CLibpq

/// A result of libpq, owned.
///
/// `@unchecked`: a result does not change after it is made, and libpq says that it may be passed between threads.
final class ServerResult: @unchecked Sendable {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// What the command says of itself, such as `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(handle)) }

    var affected: Int { Int(String(cString: PQcmdTuples(handle))) ?? 0 }

    var rowCount: Int { Int(PQntuples(handle)) }

    var columns: [String: Int32] {
        var columns: [String: Int32] = [:]
        for index in (0..<PQnfields(handle)).reversed() { columns[String(cString: PQfname(handle, index))] = index }
        return columns
    }

    func type(ofColumn column: Int32) -> UInt32 { PQftype(handle, column) }

    /// Nil for NULL. It lives as long as the result.
    func bytes(row: Int32, column: Int32) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(handle, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
    }
}

extension ServerResult {
    /// The names of an error's parts in libpq's header, where they are macros that Swift does not see.
    private enum Field: Unicode.Scalar {
        case severity = "V", sqlState = "C", message = "M", detail = "D", table = "t", constraint = "n", routine = "R"
    }

    /// Nil where it is none.
    var error: PostgresError? {
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return nil
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            return PostgresError(.lost, "COPY is not supported", mayHaveRun: true)
        default: break
        }
        guard let sqlState = field(.sqlState) else {
            // Not the server's: libpq's own words for a connection that ended.
            return PostgresError(.lost, String(cString: PQresultErrorMessage(handle)).onOneLine, mayHaveRun: true)
        }
        let severity = field(.severity)
        // The server ends the connection after such an error, at any point of what it did for us.
        let isEnd = severity == "FATAL" || severity == "PANIC"
        var error = PostgresError(isEnd ? .lost : .refused, field(.message) ?? "", mayHaveRun: isEnd)
        error.sqlState = sqlState
        error.severity = severity
        error.detail = field(.detail)
        error.table = field(.table)
        error.constraint = field(.constraint)
        // "cached plan must not change result type" has a code that others have, too.
        error.isStalePlan = sqlState == "26000" || (sqlState == "0A000" && field(.routine) == "RevalidateCachedQuery")
        return error
    }

    private func field(_ field: Field) -> String? {
        PQresultErrorField(handle, Int32(field.rawValue.value)).map { String(cString: $0) }
    }
}

extension String {
    /// libpq's messages have several lines, with spaces in front of some.
    var onOneLine: String {
        split(whereSeparator: \.isNewline).map { line in
            String(line.drop(while: \.isWhitespace))
        }.joined(separator: "; ")
    }
}
