/// A statement, with `$1`, `$2` … where its parameters go.
public struct PostgresQuery: Sendable, Hashable, ExpressibleByStringLiteral {
    public let sql: String
    /// Whether it is prepared, once on each connection, under its text and the types of its parameters. For a text that
    /// is always the same.
    public let isPrepared: Bool

    public init(_ sql: String, isPrepared: Bool = false) {
        self.sql = sql
        self.isPrepared = isPrepared
    }

    public init(stringLiteral sql: String) { self.init(sql) }
}

/// What `NOTIFY` sent.
public struct PostgresNotification: Sendable, Hashable {
    public let channel: String
    public let payload: String
    /// The server's process of the session that sent it.
    public let process: Int32
}
