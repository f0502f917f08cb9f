import AsyncHTTPClient
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension TransportFailure {
    /// An unknown error's own text is cut here.
    private static let longestReason = 200

    /// What an error of the client, the connection or TLS means to an operator. Whether the request may have arrived is
    /// not read from the error: one and the same error (a time-out, a cancellation, a reset) comes before and after.
    static func reason(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: reason(for: error)
        case let error as NIOConnectionError: reason(for: error)
        case let error as IOError: reason(forErrno: error.errnoCode)
        case ChannelError.connectTimeout: "connect timeout"
        case is CancellationError: cancelled
        default: String(String(describing: error).prefix(longestReason))
        }
    }

    private static let cancelled = "cancelled because the worker stops or lost its lease"

    private static func reason(for error: HTTPClientError) -> String {
        switch error {
        case .deadlineExceeded: "no answer within the time-out"
        case .cancelled: cancelled
        case .remoteConnectionClosed: "the connection was closed without an answer"
        default: error.shortDescription.lowercased()
        }
    }

    private static func reason(for error: NIOConnectionError) -> String {
        if let failure = error.connectionErrors.first { return reason(for: failure.error) }
        if error.dnsAError != nil || error.dnsAAAAError != nil { return "the host name could not be resolved" }
        return "could not connect"
    }

    private static func reason(forErrno code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "the connection was reset"
        case ETIMEDOUT: "the connection timed out"
        case EHOSTUNREACH, ENETUNREACH: "no route to the host"
        case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
        default: "system error \(code)"
        }
    }
}
