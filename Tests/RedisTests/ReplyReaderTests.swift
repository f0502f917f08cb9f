import NIOCore
import Testing

@testable import Redis

@Suite struct ReplyReaderTests {
    private func read(_ text: String) throws -> [RedisValue] {
        var reader = try ReplyReader()
        try reader.feed(ByteBuffer(string: text))
        var values: [RedisValue] = []
        while let reply = try reader.next() { values.append(reply.value) }
        return values
    }

    private func bulk(_ text: String) -> RedisValue { .bulk(ByteBuffer(string: text)) }

    @Test func everyKindOfReply() throws {
        #expect(try read("+OK\r\n") == [.status("OK")])
        #expect(try read("-ERR no\r\n") == [.error("ERR no")])
        #expect(try read(":-42\r\n") == [.integer(-42)])
        #expect(try read("$5\r\nhello\r\n") == [bulk("hello")])
        #expect(try read("$0\r\n\r\n") == [bulk("")])
        #expect(try read("$-1\r\n") == [.null])
        #expect(try read("*-1\r\n") == [.null])
        #expect(try read("*0\r\n") == [.array([])])
        #expect(
            try read("*2\r\n:1\r\n*2\r\n$1\r\na\r\n-ERR x\r\n") == [
                .array([.integer(1), .array([bulk("a"), .error("ERR x")])])
            ])
    }

    @Test func manyRepliesOfOneRead() throws {
        #expect(
            try read("+A\r\n*1\r\n:7\r\n$1\r\nz\r\n+B\r\n") == [
                .status("A"), .array([.integer(7)]), bulk("z"), .status("B"),
            ])
    }

    @Test func aReplyThatArrivesByteByByte() throws {
        let text = "*2\r\n$3\r\nfoo\r\n*3\r\n:1\r\n$-1\r\n+OK\r\n"
        var reader = try ReplyReader()
        for byte in text.utf8.dropLast() {
            try reader.feed(ByteBuffer(bytes: [byte]))
            #expect(try reader.next()?.value == nil)
        }
        try reader.feed(ByteBuffer(string: "\n"))
        #expect(try reader.next()?.value == .array([bulk("foo"), .array([.integer(1), .null, .status("OK")])]))
    }

    @Test func theValuesOfAReplyOutliveTheNext() throws {
        var reader = try ReplyReader()
        try reader.feed(ByteBuffer(string: "$3\r\none\r\n$3\r\ntwo\r\n"))
        let first = try reader.next()
        let second = try reader.next()
        #expect(first?.value == bulk("one"))
        #expect(second?.value == bulk("two"))
    }

    @Test func binaryIsKept() throws {
        var buffer = ByteBuffer(string: "$4\r\n")
        buffer.writeBytes([0, 13, 10, 255])
        buffer.writeString("\r\n")
        var reader = try ReplyReader()
        try reader.feed(buffer)
        #expect(try reader.next()?.value.bytes?.readableBytesView.elementsEqual([0, 13, 10, 255]) == true)
    }

    @Test func aReplyOfManyThousandElements() throws {
        let values = try read("*20000\r\n" + (0..<20000).map { ":\($0)\r\n" }.joined())
        #expect(values.first?.array?.count == 20000)
        #expect(values.first?.array?.last == .integer(19999))
    }

    @Test func whatIsNoRESPBreaksTheStream() throws {
        #expect { try read("HTTP/1.1 400 Bad Request\r\n\r\n") } throws: { error in
            (error as? RedisError)?.code == .brokenProtocol
        }
    }

    @Test func valuesAreReadAsWhatTheyHold() {
        #expect(bulk("17").int == 17)
        #expect(RedisValue.integer(17).string == nil)
        #expect(RedisValue.array([bulk("a"), .integer(1)]).map == ["a": .integer(1)])
        #expect(RedisValue.array([bulk("a")]).map == nil)
        #expect(RedisValue.null.array == [])
    }
}
