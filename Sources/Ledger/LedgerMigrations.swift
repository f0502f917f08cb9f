public import Postgres

/// The changes that bring an empty database to the ledger's tables, in order. What was released is never changed: a new
/// file with the next number changes it.
public enum LedgerMigrations {
    public static let all: [Migration] = [
        migration(1, "ledger", PackageResources._001_ledger_sql),
        migration(2, "tenants", PackageResources._002_tenants_sql),
    ]

    /// SQL that takes all of it away again.
    public static let reset = String(decoding: PackageResources.reset_sql, as: UTF8.self)

    private static func migration(_ number: Int, _ name: String, _ sql: [UInt8]) -> Migration {
        Migration(number: number, name: name, sql: String(decoding: sql, as: UTF8.self))
    }
}
