/// The answer to a statement: its rows, none for a statement that returns none.
public struct PostgresRows: Sendable, RandomAccessCollection {
    /// How many rows the statement inserted, changed, deleted or returned.
    public let affected: Int
    public let startIndex = 0
    public let endIndex: Int

    private let result: ServerResult
    private let columns: [String: Int32]

    init(_ result: ServerResult) {
        self.result = result
        affected = result.affected
        endIndex = result.rowCount
        columns = endIndex > 0 ? result.columns : [:]
    }

    public subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return PostgresRow(result: result, columns: columns, index: Int32(clamping: position))
    }
}
