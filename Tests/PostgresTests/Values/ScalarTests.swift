import Postgres
import TestSupport
import Testing

/// What goes into the server as a parameter comes out of it again.
@Suite struct ScalarTests {
    @Test func integers() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            for number in [0, 1, -1, .min, .max] as [Int64] {
                #expect(try session.query("SELECT $1 AS v", [.int(number)])[0].int("v") == number)
            }
            for number in [0, -1, .min, .max] as [Int32] {
                #expect(try session.query("SELECT $1 AS v", [.int32(number)])[0].int("v") == Int64(number))
            }
            for number in [0, -1, .min, .max] as [Int16] {
                #expect(try session.query("SELECT $1 AS v", [.int16(number)])[0].int("v") == Int64(number))
            }
        }
    }

    @Test func doublesAndBooleans() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            for number in [0, -1.5, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity] as [Double] {
                #expect(try session.query("SELECT $1 AS v", [.double(number)])[0].double("v") == number)
            }
            #expect(try session.query("SELECT 0.5::real AS v")[0].double("v") == 0.5)
            for bool in [true, false] {
                #expect(try session.query("SELECT $1 AS v", [.bool(bool)])[0].bool("v") == bool)
            }
        }
    }

    @Test func texts() async throws {
        let client = try await sharedClient()
        let texts = ["", "a", "žluťoučký kůň", "👩‍👩‍👧‍👦", "'\";--", "\u{1}\u{7f}", String(repeating: "ü", count: 100_000)]
        try await client.perform { session throws in
            for text in texts {
                let row = try session.query("SELECT $1 AS v, length($1) AS n", [.text(text)])[0]
                #expect(try row.text("v") == text)
                #expect(try row.int("n") == Int64(text.unicodeScalars.count))
            }
            let others = try session.query("SELECT 'a'::varchar AS v, 'b'::char(3) AS c, 'd'::name AS n, 'e' AS u")[0]
            #expect(
                try [others.text("v"), others.text("c"), others.text("n"), others.text("u")] == ["a", "b  ", "d", "e"])
        }
    }

    @Test func anEnumerationIsItsLabel() async throws {
        let client = try await freshClient()
        try await client.perform { session throws in
            try session.script("CREATE TYPE mood AS ENUM ('glad', 'sad')")
            #expect(try session.query("SELECT 'sad'::mood AS v")[0].text("v") == "sad")
        }
    }

    @Test func json() async throws {
        let client = try await freshClient()
        try await client.perform { session throws in
            try session.script("CREATE TABLE documents (plain json, binary_form jsonb)")
            let text = #"{"b": [1, null, "ü\n"], "a": {}}"#
            try session.query("INSERT INTO documents VALUES ($1, $1)", [.json(text)])
            let row = try session.query("SELECT *, binary_form -> 'b' ->> 2 AS inside FROM documents")[0]
            #expect(try row.json("plain") == text)
            #expect(try row.json("binary_form") == #"{"a": {}, "b": [1, null, "ü\n"]}"#)
            #expect(try row.text("binary_form") == row.json("binary_form"))
            #expect(try row.text("inside") == "ü\n")
        }
    }

    @Test func uuids() async throws {
        let client = try await sharedClient()
        let uuid = try #require(PostgresUUID("018f4c1e-7b2a-7cde-8f01-23456789abcd"))
        try await client.perform { session throws in
            let row = try session.query("SELECT $1 AS v, $1::text AS t", [.uuid(uuid)])[0]
            #expect(try row.uuid("v") == uuid)
            #expect(try row.text("t") == uuid.description)
        }
    }

    /// From the first day that Postgres knows (4714 BC) to one near its last (294276 AD), and both sides of both epochs.
    @Test(arguments: [0, 1, -1, 946_684_799_999, 946_684_800_000, -210_866_803_200_000, 9_224_318_015_999_000])
    func times(milliseconds: Int64) async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            let row = try session.query(
                "SELECT $1 AS v, round(extract(epoch FROM $1) * 1000)::bigint AS ms", [.time(milliseconds)])[0]
            #expect(try row.time("v") == milliseconds)
            #expect(try row.int("ms") == milliseconds)
        }
    }

    @Test func aTimeIsRoundedDownAndInUTC() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            let row = try session.query(
                """
                SELECT '1969-12-31 23:59:59.9999'::timestamptz AS early, '1970-01-01 00:00:00.0019'::timestamp AS late,
                    'infinity'::timestamptz AS never
                """)[0]
            #expect(try row.time("early") == -1)
            #expect(try row.time("late") == 1)
            #expect(throws: PostgresError.self) { try row.time("never") }
        }
    }

    @Test(arguments: [Int64.min, .min + 1, -9_000_000_000_000_000, 9_224_318_016_000_000, .max - 1, .max])
    func aTimeThatPostgresCannotHoldIsRefused(milliseconds: Int64) async throws {
        let client = try await sharedClient()
        let error = try await failure {
            try await client.perform { _ = try $0.query("SELECT $1 AS v", [.time(milliseconds)]) }
        }
        #expect(error.isData)
        #expect(error.sqlState == "22008")
    }

    @Test func bytes() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            for bytes in [[], Array(0...255)] as [[UInt8]] {
                #expect(try session.query("SELECT $1 AS v", [.bytes(bytes)])[0].bytes("v") == bytes)
            }
        }
    }

    @Test func nulls() async throws {
        let client = try await sharedClient()
        try await client.perform { session throws in
            let row = try session.query(
                """
                SELECT $1 AS i, $2 AS d, $3 AS b, $4 AS t, $5 AS j, $6 AS u, $7 AS w, $8 AS y, NULL::text[] AS a
                """,
                [
                    .int(nil), .double(nil), .bool(nil), .text(nil), .json(nil), .uuid(nil), .time(nil), .bytes(nil),
                ])[0]
            #expect(try row.intIfAny("i") == nil)
            #expect(try row.doubleIfAny("d") == nil)
            #expect(try row.boolIfAny("b") == nil)
            #expect(try row.textIfAny("t") == nil)
            #expect(try row.jsonIfAny("j") == nil)
            #expect(try row.uuidIfAny("u") == nil)
            #expect(try row.timeIfAny("w") == nil)
            #expect(try row.bytesIfAny("y") == nil)
            #expect(try row.textsIfAny("a") == nil)
            #expect(try row.isNull("i"))
        }
    }
}
