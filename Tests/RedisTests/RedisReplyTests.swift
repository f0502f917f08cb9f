import NIOCore
import Testing

@testable import Redis

@Suite struct RedisReplyTests {
    private func reply(_ text: String) throws -> RedisReply {
        var reader = try ReplyReader()
        try reader.feed(ByteBuffer(string: text))
        return try #require(try reader.next())
    }

    @Test func aCursorGoesThroughAReply() throws {
        try reply("*4\r\n$2\r\nid\r\n:7\r\n*2\r\n$1\r\na\r\n*1\r\n:1\r\n$3\r\nend\r\n").read { cursor in
            let elements = cursor.array()
            let names = [cursor.skip("ix"), cursor.skip("i"), cursor.skip("id")]
            let (text, integer) = (cursor.string(), cursor.integer())
            cursor.skip()
            let end = cursor.buffer()
            #expect(elements == 4)
            #expect(names == [false, false, true])
            #expect(text == nil)
            #expect(integer == 7)
            #expect(end == ByteBuffer(string: "end"))
        }
    }

    @Test func behindTheLastElementThereIsNothing() throws {
        try reply("*1\r\n:1\r\n").read { cursor in
            cursor.skip()
            cursor.skip()
            let (array, integer, text) = (cursor.array(), cursor.integer(), cursor.string())
            #expect(array == nil)
            #expect(integer == nil)
            #expect(text == nil)
        }
    }

    @Test func aNullArrayHasNoElements() throws {
        try reply("*2\r\n*-1\r\n:1\r\n").read { cursor in
            let found = [cursor.array(), cursor.array(), cursor.integer().map(Int.init)]
            #expect(found == [2, 0, 1])
        }
    }

    @Test(arguments: ["0", "7", "-7", "+7", "9223372036854775807", "-9223372036854775808", "007"])
    func anIntegerIsReadAsSwiftDoes(text: String) throws {
        let found = try reply("$\(text.utf8.count)\r\n\(text)\r\n").read { $0.integer() }
        #expect(found == Int64(text))
        #expect(found != nil)
    }

    @Test(arguments: ["", "-", "+", "1.0", " 1", "1 ", "--1", "x", "9223372036854775808", "-9223372036854775809"])
    func whatIsNoIntegerIsLeftWhereItIs(text: String) throws {
        try reply("$\(text.utf8.count)\r\n\(text)\r\n").read { cursor in
            let (integer, left) = (cursor.integer(), cursor.string())
            #expect(integer == nil)
            #expect(left == text)
        }
    }

    @Test func anErrorIsKnownByItsReply() throws {
        #expect(try reply("-ERR no\r\n").error == "ERR no")
        #expect(try reply("*1\r\n-ERR no\r\n").error == nil)
        #expect(try reply("+OK\r\n").error == nil)
    }
}
