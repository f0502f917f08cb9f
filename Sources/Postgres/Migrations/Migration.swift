import Crypto
import NIOCore

/// A step from one shape of the tables to the next.
public struct Migration: Sendable, Hashable {
    /// Counted from 1, without gaps.
    public let number: Int
    public let name: String
    /// Statements, separated by semicolons, that can run in one transaction and do not end it.
    public let sql: String
    /// The SHA-256 of the SQL in hexadecimal digits: what was applied once must not be changed.
    public let checksum: String

    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
        checksum = SHA256.hash(data: Array(sql.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension Migration: CustomStringConvertible {
    public var description: String { "\(number) (\(name))" }
}

/// A migration that a database has, as it says itself.
public struct AppliedMigration: Sendable, Hashable {
    public let number: Int
    public let name: String
    public let checksum: String
    /// Milliseconds since 1970, by the server's clock.
    public let appliedAt: Int64
}
