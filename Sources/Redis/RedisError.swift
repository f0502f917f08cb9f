/// Why a command has no answer, or why it is no good.
public struct RedisError: Error, Sendable, Equatable {
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case notConnected, connectionLost, timedOut, cancelled, refused, brokenProtocol, unexpectedReply, invalidURL
        }
        private let kind: Kind

        /// There is no connection, and none could be made.
        public static let notConnected = Code(kind: .notConnected)
        /// The connection broke before the answer came.
        public static let connectionLost = Code(kind: .connectionLost)
        /// No answer came in time. The connection is given up, since answers come in order.
        public static let timedOut = Code(kind: .timedOut)
        /// The task that waited was cancelled.
        public static let cancelled = Code(kind: .cancelled)
        /// Redis answered with an error; see ``RedisError/serverCode``.
        public static let refused = Code(kind: .refused)
        /// What came was not RESP.
        public static let brokenProtocol = Code(kind: .brokenProtocol)
        /// The answer has not the shape that the command's answers have.
        public static let unexpectedReply = Code(kind: .unexpectedReply)
        /// The address of the server could not be read.
        public static let invalidURL = Code(kind: .invalidURL)

        public var description: String { kind.rawValue }
    }

    public let code: Code
    public let message: String

    /// Whether the command may have had its effect. False means that it certainly had none.
    public let mayHaveRun: Bool

    public init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
    }

    /// The first word of the server's error, such as `NOGROUP`, `READONLY` or `ERR`.
    public var serverCode: Substring? {
        code == .refused ? message.prefix { $0 != " " } : nil
    }

    /// The same error of a command that was not written when it happened.
    func ofUnsentCommand() -> RedisError { RedisError(code, message, mayHaveRun: false) }
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        "redis: \(code): \(message)" + (mayHaveRun ? " (the command may have run)" : "")
    }
}
