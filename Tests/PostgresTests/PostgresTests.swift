import Postgres
import TestSupport
import Testing

@Suite struct SmokeTests {
    @Test func answers() async throws {
        let database = try await PrivatePostgres.shared().freshDatabase()
        let client = PostgresClient(database, logger: .quiet)
        let one = try await client.perform { try $0.query("SELECT $1 + 1 AS n", [.int(41)]).first?.int("n") }
        #expect(one == 42)
        let many = try await client.transaction { session in
            try session.pipeline((0..<100).map { (PostgresQuery("SELECT $1 AS n", isPrepared: true), [.int($0)]) })
                .map { try $0[0].int("n") }
        }
        #expect(many == Array(0..<100))
    }
}
