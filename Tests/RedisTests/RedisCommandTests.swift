import NIOCore
import Testing

@testable import Redis

@Suite struct RedisCommandTests {
    private func wire(_ command: RedisCommand) -> String {
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        return String(buffer: buffer)
    }

    @Test func aCommandIsAnArrayOfBulkStrings() {
        var command = RedisCommand("SET", "ключ")
        command.append(ByteBuffer(string: "a\r\nb"))
        command.append(-7)
        #expect(wire(command) == "*4\r\n$3\r\nSET\r\n$8\r\nключ\r\n$4\r\na\r\nb\r\n$2\r\n-7\r\n")
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 999, 1000, 70_000])
    func anArgumentOfAnyLengthIsWhole(length: Int) {
        let text = String(repeating: "é", count: length / 2) + (length % 2 == 0 ? "" : "x")
        var command = RedisCommand()
        command.append(text)
        command.append(ByteBuffer(string: text))
        let one = "$\(length)\r\n\(text)\r\n"
        #expect(wire(command) == "*2\r\n\(one)\(one)")
    }

    @Test func aScriptIsCalledByDigestOrSource() {
        var call = ScriptCall(RedisScript(name: "one", source: "return 1"))
        call.argument("x")
        call.key("k")
        call.argument(2)
        #expect(
            wire(call.command(byDigest: true))
                == "*6\r\n$7\r\nEVALSHA\r\n$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n$1\r\n1\r\n$1\r\nk\r\n"
                + "$1\r\nx\r\n$1\r\n2\r\n")
        #expect(wire(call.command(byDigest: false)).hasPrefix("*6\r\n$4\r\nEVAL\r\n$8\r\nreturn 1\r\n$1\r\n1\r\n"))
    }

    @Test(arguments: [Int64.min, -1, 0, 9, 10, .max])
    func aNumberIsWrittenInDigits(number: Int64) {
        var (command, text) = (RedisCommand(), RedisCommand())
        command.append(number)
        text.append("\(number)")
        #expect(wire(command) == wire(text))
    }

    @Test func theIDOfAnEntryIsTwoNumbers() {
        var (command, text) = (RedisCommand(), RedisCommand())
        for (first, second) in [(0, 0), (1_800_000_000_000, 7), (UInt64.max, UInt64.max)] as [(UInt64, UInt64)] {
            command.append(first, second)
            text.append("\(first)-\(second)")
        }
        #expect(wire(command) == wire(text))
    }
}
