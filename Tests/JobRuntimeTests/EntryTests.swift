import NIOCore
import Testing

@testable import JobRuntime
@testable import Redis

@Suite struct EntryIDTests {
    private func id(_ text: String) -> EntryID? { EntryID(ByteBuffer(string: text)) }

    @Test func itIsReadAndWrittenAsRedisDoes() throws {
        let entry = try #require(id("1700000000123-7"))
        #expect(entry.milliseconds == 1_700_000_000_123)
        #expect(entry.sequence == 7)
        #expect("\(entry)" == "1700000000123-7")
        #expect(id("18446744073709551615-18446744073709551615")?.sequence == .max)
    }

    @Test func itComparesAsANumberAndNotAsText() {
        let sorted = ["9-10", "9-9", "10-0", "100-1", "9-100"].compactMap(id).sorted().map { "\($0)" }
        #expect(sorted == ["9-9", "9-10", "9-100", "10-0", "100-1"])
    }

    @Test(arguments: ["", "1700000000123", "1-2-3", "a-1", "1-b", "1 -2", "+", "1.0-2"])
    func whatIsNoEntryIDIsRefused(text: String) { #expect(id(text) == nil) }
}

@Suite struct EntryOrderTests {
    /// The settler makes one call per lane, entries ascending: the order has the lanes apart.
    @Test func entriesAreOrderedByLaneAndThenAsRedisDoes() {
        let ids = [9, 10].map { EntryID(milliseconds: 5, sequence: $0) }
        let sorted = [
            Entry(.low, ids[0]), Entry(.normal, ids[1]), Entry(.high, ids[1]), Entry(.normal, ids[0]),
        ].sorted().map { "\($0)" }
        #expect(sorted == ["high 5-10", "5-9", "5-10", "low 5-9"])
    }
}

@Suite struct DeliveredTests {
    private let job = JobID(milliseconds: 1)

    private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private func array(_ elements: [String]) -> String { "*\(elements.count)\r\n" + elements.joined() }

    private func entry(_ fields: [String], id: String = "5-1") -> String {
        array([bulk(id), array(fields.map(bulk))])
    }

    /// Reads what the server said. Whatever it is, what stands behind it is found.
    private func delivered(_ said: String, lane: JobRuntime.Lane = .normal, deliveries: Int = 1) throws -> Delivered? {
        var reader = try ReplyReader()
        try reader.feed(ByteBuffer(string: array([said, bulk("behind")])))
        return try #require(try reader.next()).read { cursor in
            _ = cursor.array()
            let delivered = Delivered.read(&cursor, lane: lane, deliveries: deliveries)
            let behind = cursor.string()
            #expect(behind == "behind")
            return delivered
        }
    }

    private func fields(_ changed: [Int: String] = [:]) -> [String] {
        var fields = [
            "id", "\(job)", "kind", "note", "attempt", "3", "at", "1700000000123", "payload", "{\"n\":1}", "meta", "{}",
        ]
        for (index, text) in changed { fields[index] = text }
        return fields
    }

    @Test func anEntryOfOursIsRead() throws {
        let delivered = try #require(try delivered(entry(fields()), deliveries: 2))
        #expect(delivered.entry == Entry(.normal, EntryID(milliseconds: 5, sequence: 1)))
        #expect(delivered.deliveries == 2)
        #expect(delivered.job == job)
        #expect(delivered.kind == "note")
        #expect(delivered.attempt == 3)
        #expect(delivered.enqueuedAt == 1_700_000_000_123)
        #expect(String(buffer: delivered.payload) == "{\"n\":1}")
        #expect(delivered.isJob)
    }

    @Test func itsLaneIsThatOfTheStreamItStoodInAndItsMetaIsRead() throws {
        let meta = "{\"priority\":\"high\",\"expires_at\":17,\"snoozes\":2}"
        let delivered = try #require(try delivered(entry(fields([11: meta])), lane: .low))
        #expect(delivered.entry.lane == .low)
        #expect(delivered.meta.lane == .high)
        #expect(delivered.meta.expiresAt == 17)
        #expect(delivered.meta.snoozes == 2)
    }

    /// A client may say "never" so.
    @Test(arguments: [Int64.max, .min])
    func anExpiryIsWhateverItIs(moment: Int64) throws {
        let meta = fields([11: "{\"expires_at\":\(moment)}"])
        #expect(try delivered(entry(meta))?.meta.expiresAt == moment)
    }

    @Test func fieldsThatALaterVersionAddsAreNoHindrance() throws {
        let delivered = try delivered(entry(fields() + ["more", "x"]))
        #expect(delivered?.isJob == true)
    }

    @Test func whatSomebodyElseWroteIsForeign() throws {
        let foreign = [
            entry(["hello", "world"]), entry([]), entry(fields([1: "not-an-id"])), entry(fields([5: "first"])),
            entry(fields([7: "yesterday"])), entry(Array(fields().dropLast(2))), entry(fields() + ["odd"]),
            entry(fields([11: "not JSON"])), entry(fields([11: "{\"snoozes\":\"many\"}"])),
            entry(fields([5: "0"])), entry(fields([5: "-1"])), entry(fields([5: "\(Int.max)"])),
            entry(fields([7: "-1"])), entry(fields([7: "\(Int64.min)"])), entry(fields([7: "\(Int64.max)"])),
            entry(fields([11: "{\"parked_at\":\(Int64.min)}"])), entry(fields([11: "{\"snoozes\":\(Int.max)}"])),
            entry(fields([11: "{\"snoozes\":-1}"])), entry(fields([11: "{\"redriven_at\":\(Int64.min)}"])),
        ]
        for value in foreign {
            let delivered = try #require(try delivered(value, lane: .low, deliveries: 4))
            #expect(!delivered.isJob, "\(value)")
            #expect(delivered.entry == Entry(.low, EntryID(milliseconds: 5, sequence: 1)))
            #expect(delivered.deliveries == 4)
        }
    }

    @Test(arguments: ["$-1\r\n", "*-1\r\n", "*0\r\n", "*2\r\n$8\r\nnonsense\r\n*0\r\n", "$3\r\n5-1\r\n", ":5\r\n"])
    func whatIsNoEntryAtAllIsNeither(said: String) throws { #expect(try delivered(said) == nil) }

    /// A null is what XCLAIM gives of an entry that was deleted; an array in the place of a field, what nobody writes.
    @Test(arguments: [
        "*2\r\n$3\r\n5-1\r\n*-1\r\n", "*2\r\n$3\r\n5-1\r\n*2\r\n*1\r\n:1\r\n:2\r\n", "*1\r\n$3\r\n5-1\r\n",
    ])
    func anEntryOfAnyShapeIsForeign(said: String) throws { #expect(try delivered(said)?.isJob == false) }
}
