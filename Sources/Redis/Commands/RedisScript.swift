import Crypto
public import NIOCore

/// A Lua script, called by the digest of its source.
public struct RedisScript: Sendable {
    public let name: String
    public let source: String
    /// SHA-1 of the source in hexadecimal, as EVALSHA wants it.
    public let digest: String

    public init(name: String, source: String) {
        self.name = name
        self.source = source
        digest = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// The keys and arguments of one call of a script.
public struct ScriptCall: Sendable {
    public let script: RedisScript
    private var keys = RedisCommand()
    private var arguments = RedisCommand()

    public init(_ script: RedisScript) { self.script = script }

    public mutating func key(_ key: String) { keys.append(key) }
    public mutating func argument(_ text: String) { arguments.append(text) }
    public mutating func argument(_ number: some FixedWidthInteger) { arguments.append(number) }
    public mutating func argument(_ bytes: ByteBuffer) { arguments.append(bytes) }
    /// Two numbers with a hyphen between them.
    public mutating func argument(_ first: UInt64, _ second: UInt64) { arguments.append(first, second) }

    /// How many bytes its keys and arguments have.
    public var size: Int { keys.size + arguments.size }

    /// - Parameter byDigest: EVALSHA, for a server that knows the script; else EVAL, which also makes it known.
    public func command(byDigest: Bool) -> RedisCommand {
        var command = byDigest ? RedisCommand("EVALSHA", script.digest) : RedisCommand("EVAL", script.source)
        command.append(keys.count)
        command.append(argumentsOf: keys)
        command.append(argumentsOf: arguments)
        return command
    }
}
