/// Why a database cannot be migrated.
public enum MigrationError: Error, Sendable, Equatable {
    /// The program's own list has gaps, doubles or is not in order.
    case badList(String)
    /// What was applied is not what this program calls by that number.
    case changed(Migration)
    /// A newer program has migrated the database.
    case ahead(number: Int, name: String)
    /// The database has a later one and not this.
    case skipped(Migration)
    /// Nothing of it remains.
    case failed(Migration, PostgresError)
    /// Its SQL has a COMMIT or ROLLBACK. What came before that remains.
    case endsTransaction(Migration)
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badList(let problem): "the list of migrations is wrong: \(problem)"
        case .changed(let migration):
            "migration \(migration) was applied with another content: an applied migration must not be changed, "
                + "what it lacks belongs in a new one"
        case .ahead(let number, let name):
            "the database has migration \(number) (\(name)), which this program does not know: it is older than the database"
        case .skipped(let migration): "the database has later migrations and not \(migration)"
        case .failed(let migration, let error): "migration \(migration) failed and was rolled back: \(error)"
        case .endsTransaction(let migration): "migration \(migration) must not end its transaction"
        }
    }
}
