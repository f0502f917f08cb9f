import Postgres
import TestSupport
import Testing

/// Array parameters, as `unnest` sees them.
@Suite struct ColumnTests {
    @Test func allTypesAtOnce() async throws {
        let client = try await sharedClient()
        let uuid = PostgresUUID(high: 1, low: .max)
        try await client.perform { session in
            var columns = PostgresType.allCases.map { PostgresColumn($0, capacity: 2) }
            for index in columns.indices {
                switch columns[index].type {
                case .int8: columns[index].append(int: .min)
                case .int4: columns[index].append(int: Int64(Int32.max))
                case .int2: columns[index].append(int: -7)
                case .float8: columns[index].append(double: 1.25)
                case .bool: columns[index].append(bool: true)
                case .text: columns[index].append(text: "ü")
                case .uuid: columns[index].append(uuid: uuid)
                case .timestamptz: columns[index].append(unixMilliseconds: -5)
                case .json: columns[index].append(utf8: Array("[]".utf8))
                case .bytea: columns[index].append(bytes: [0, 255])
                }
                columns[index].appendNull()
            }
            let rows = try session.query(
                """
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                    AS t(int8, int4, int2, float8, bool, text, uuid, timestamptz, json, bytea)
                """, columns.map(\.value))
            #expect(try rows[0].int("int8") == .min)
            #expect(try rows[0].int("int4") == Int64(Int32.max))
            #expect(try rows[0].int("int2") == -7)
            #expect(try rows[0].double("float8") == 1.25)
            #expect(try rows[0].bool("bool"))
            #expect(try rows[0].text("text") == "ü")
            #expect(try rows[0].uuid("uuid") == uuid)
            #expect(try rows[0].time("timestamptz") == -5)
            #expect(try rows[0].json("json") == "[]")
            #expect(try rows[0].bytes("bytea") == [0, 255])
            for type in PostgresType.allCases { #expect(try rows[1].isNull("\(type)")) }
        }
    }

    @Test func arraysComeBack() async throws {
        let client = try await sharedClient()
        let uuids = [PostgresUUID(high: 0, low: 0), PostgresUUID(high: .max, low: 1)]
        try await client.perform { session in
            let row = try session.query(
                "SELECT $1 AS t, $2 AS i, $3 AS u, $4 AS none",
                [.texts(["", "ü"]), .ints([1, -1]), .uuids(uuids), .texts([])])[0]
            #expect(try row.texts("t") == ["", "ü"])
            #expect(try row.ints("i") == [1, -1])
            #expect(try row.uuids("u") == uuids)
            #expect(try row.texts("none").isEmpty)
            let holes = try session.query("SELECT $1 AS t, '{{1,2},{3,4}}'::int[] AS square", [.texts([nil])])[0]
            #expect(throws: PostgresError.self) { try holes.texts("t") }
            #expect(throws: PostgresError.self) { try holes.ints("square") }
        }
    }

    @Test func aColumnOfManyElements() async throws {
        let client = try await sharedClient()
        let count = 100_000
        var numbers = PostgresColumn(.int8, capacity: count)
        var texts = PostgresColumn(.text, capacity: count)
        for index in 0..<count {
            numbers.append(int: Int64(index))
            if index % 10 == 0 { texts.appendNull() } else { texts.append(text: "t\(index)") }
        }
        let values = [numbers.value, texts.value]
        let row = try await client.perform { session in
            try session.query(
                """
                SELECT count(*) AS rows, sum(n)::bigint AS sum, count(t) AS texts,
                    count(*) FILTER (WHERE t = 't' || n) AS matching
                FROM unnest($1, $2) AS u(n, t)
                """, values)[0]
        }
        #expect(try row.int("rows") == Int64(count))
        #expect(try row.int("sum") == Int64(count * (count - 1) / 2))
        #expect(try row.int("texts") == Int64(count * 9 / 10))
        #expect(try row.int("matching") == Int64(count * 9 / 10))
    }

    @Test func aColumnWithoutElementsMakesNoRows() async throws {
        let client = try await sharedClient()
        for type in PostgresType.allCases {
            let empty = PostgresColumn(type, capacity: 0).value
            #expect(try await client.perform { try $0.query("SELECT unnest($1) AS v", [empty]).isEmpty })
        }
    }

    @Test func bytesInPlace() async throws {
        let client = try await sharedClient()
        var texts = PostgresColumn(.text, capacity: 3)
        Array("žába".utf8).withUnsafeBytes { texts.append(utf8: $0) }
        texts.append(utf8: "žába".utf8.lazy.map { $0 })
        texts.append(utf8: [])
        let value = texts.value
        let back = try await client.perform { try $0.query("SELECT $1 AS t", [value])[0].texts("t") }
        #expect(back == ["žába", "žába", ""])
    }

    @Test func whatDoesNotFitIsRefusedBeforeItIsSent() async throws {
        let client = try await sharedClient()
        var large = PostgresColumn(.int2, capacity: 1)
        large.append(int: 40_000)
        var wrong = PostgresColumn(.uuid, capacity: 1)
        wrong.append(text: "x")
        for (value, message) in [
            (large.value, "$2: a larger number in a column of int2"), (wrong.value, "$2: a text in a column of uuid"),
        ] {
            let error = try await failure {
                try await client.perform { _ = try $0.query("SELECT $1, $2", [.int(1), value]) }
            }
            #expect(error == PostgresError(.badParameter, message))
            #expect(error.isData)
        }
    }
}
