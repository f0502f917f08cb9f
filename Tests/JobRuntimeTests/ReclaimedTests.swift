import NIOCore
import Testing

@testable import JobRuntime
@testable import Redis

/// What reclaim.lua answers: of each lane a cursor, entries, the delivery count of each, and ids that were deleted.
@Suite struct ReclaimedTests {
    private static let none = "*4\r\n$3\r\n0-0\r\n*0\r\n*0\r\n*0\r\n"
    private static let entry = "*2\r\n$3\r\n5-1\r\n*0\r\n"

    private func reclaimed(_ said: String) throws -> Reclaimed? {
        var reader = try ReplyReader()
        try reader.feed(ByteBuffer(string: said))
        return try #require(try reader.next()).read { Reclaimed(&$0) }
    }

    @Test func eachEntryHasItsCount() throws {
        let entries = "*2\r\n\(Self.entry)*2\r\n$3\r\n5-2\r\n*0\r\n"
        let normal = "*4\r\n$3\r\n9-0\r\n\(entries)*2\r\n:2\r\n:7\r\n*1\r\n$3\r\n4-1\r\n"
        let reclaimed = try #require(try reclaimed("*3\r\n\(Self.none)\(normal)\(Self.none)"))
        #expect(reclaimed.delivered.map { "\($0.entry) \($0.deliveries)" } == ["5-1 2", "5-2 7"])
        #expect(reclaimed.deleted == ["4-1"])
        #expect(reclaimed.cursors == [.normal: "9-0"])
        #expect(!reclaimed.isPaused)
    }

    @Test func ofAPausedQueueThereIsNothing() throws {
        #expect(try reclaimed("*0\r\n")?.isPaused == true)
    }

    /// Nothing is taken for what it is not: an id that was deleted is no entry.
    @Test(arguments: [
        ":1\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n",
        "*3\r\n*4\r\n$3\r\n0-0\r\n*1\r\n\(entry)*2\r\n:1\r\n:1\r\n*1\r\n$3\r\n4-1\r\n\(none)\(none)",
        "*3\r\n*4\r\n$3\r\n0-0\r\n*1\r\n\(entry)*1\r\n$1\r\nx\r\n*0\r\n\(none)\(none)",
    ])
    func anotherShapeIsRefused(said: String) throws { #expect(try reclaimed(said) == nil) }
}
