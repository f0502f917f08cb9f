import Testing

@testable import Postgres

@Suite struct MigrationStatusTests {
    private let known = [1, 2, 3].map { Migration(number: $0, name: "m\($0)", sql: "SELECT \($0)") }

    private func applied(_ migrations: [Migration]) -> [AppliedMigration] {
        migrations.map { AppliedMigration(number: $0.number, name: $0.name, checksum: $0.checksum, appliedAt: 0) }
    }

    private func status(_ applied: [AppliedMigration]) -> MigrationStatus {
        MigrationStatus(known: known, applied: applied)
    }

    @Test func whatIsPending() {
        #expect(status([]).pending == known)
        #expect(status(applied([known[0]])).pending == [known[1], known[2]])
        #expect(status(applied(known)).isUpToDate)
        #expect(!status([]).isUpToDate)
    }

    @Test func whatIsWrong() {
        let newer = Migration(number: 4, name: "m4", sql: "")
        let edited = Migration(number: 2, name: "m2", sql: "SELECT 'edited'")
        #expect(status(applied(known + [newer])).problem == .ahead(number: 4, name: "m4"))
        #expect(status(applied([known[0], edited])).problem == .changed(known[1]))
        #expect(status(applied([known[0], known[2]])).problem == .skipped(known[1]))
        #expect(status(applied([known[0], edited])).pending.isEmpty)
    }

    @Test(arguments: [[2], [1, 3], [1, 1], [2, 1], [0, 1]])
    func aListWithGapsOrDoublesIsRefused(numbers: [Int]) {
        let list = numbers.map { Migration(number: $0, name: "m", sql: "") }
        #expect(throws: MigrationError.self) { try Migrator(list) }
    }

    @Test func theChecksumIsTheSHA256() {
        #expect(
            Migration(number: 1, name: "m", sql: "abc").checksum
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
