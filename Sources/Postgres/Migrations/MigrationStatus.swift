/// How a database stands to the migrations that a program knows.
public struct MigrationStatus: Sendable, Equatable {
    /// In order.
    public let applied: [AppliedMigration]
    /// What is to be applied, in order; none where there is a problem.
    public let pending: [Migration]
    /// Why it cannot be migrated: `ahead`, `changed` or `skipped`.
    public let problem: MigrationError?

    public var isUpToDate: Bool { pending.isEmpty && problem == nil }

    /// - Parameters:
    ///   - known: numbered from 1 without gaps.
    ///   - applied: in order.
    init(known: [Migration], applied: [AppliedMigration]) {
        self.applied = applied
        problem = Self.problem(known, applied)
        pending = problem == nil ? Array(known.dropFirst(applied.count)) : []
    }

    private static func problem(_ known: [Migration], _ applied: [AppliedMigration]) -> MigrationError? {
        if let newest = applied.last, newest.number > known.count {
            return .ahead(number: newest.number, name: newest.name)
        }
        for (migration, applied) in zip(known, applied) {
            if applied.number != migration.number { return .skipped(migration) }
            if applied.checksum != migration.checksum { return .changed(migration) }
        }
        return nil
    }
}
