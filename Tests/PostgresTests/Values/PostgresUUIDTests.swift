import Postgres
import Testing

@Suite struct PostgresUUIDTests {
    @Test func isReadAndWritten() throws {
        let uuid = try #require(PostgresUUID("018F4c1e-7b2a-7cde-8f01-23456789abcd"))
        #expect(uuid == PostgresUUID(high: 0x018f_4c1e_7b2a_7cde, low: 0x8f01_2345_6789_abcd))
        #expect(uuid.description == "018f4c1e-7b2a-7cde-8f01-23456789abcd")
        #expect(PostgresUUID(high: 0, low: 0).description == "00000000-0000-0000-0000-000000000000")
    }

    @Test(arguments: [
        "", "018f4c1e7b2a7cde8f0123456789abcd", "018f4c1e-7b2a-7cde-8f01-23456789abc",
        "018f4c1e-7b2a-7cde-8f01-23456789abcg", "018f4c1e-7b2a-7cde-8f0123-456789abcd",
        "-18f4c1e-7b2a-7cde-8f01-23456789abcd",
    ])
    func refusesWhatIsNone(text: String) { #expect(PostgresUUID(text) == nil) }
}
