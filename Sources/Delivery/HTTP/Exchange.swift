import NIOCore
import NIOHTTP1

/// What came of one HTTP request.
enum Exchange: Sendable {
    /// The head of an answer arrived.
    case answered(HTTPAnswer)
    /// None did.
    case failed(TransportFailure)
}

/// An answer as far as it arrived.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    /// Its first bytes, as many as were asked for; fewer where the connection or the time ended first.
    var body: ByteBuffer

    init(status: Int, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why no answer came.
struct TransportFailure: Sendable, Equatable {
    /// False where it is certain that the request's body was never given to a connection, so that the other side cannot
    /// have acted on it. True where it was, whether or not a byte of it arrived.
    var requestMayHaveArrived: Bool

    /// For the operator, as a clause: `connection refused`.
    var reason: String
}
