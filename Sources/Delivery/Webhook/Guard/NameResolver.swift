#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How a host becomes addresses.
struct NameResolver: Sendable {
    /// Blocks its thread, for as long as the resolver likes. An address may come several times.
    var addresses: @Sendable (_ host: String) throws -> [IPAddress]

    /// What every other program on this machine asks: hosts file, DNS, and the odd forms of an IPv4 address (`127.1`,
    /// `0x7f.1`, `2130706433`).
    static let system = NameResolver { host in
        var hints = addrinfo()
        // Not the default, which leaves out IPv6 where this machine has no such address, literals too.
        hints.ai_flags = 0
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0, let first else { throw LookupFailure.noAddress }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: \.pointee.ai_next).compactMap { entry in
            entry.pointee.ai_addr.flatMap { IPAddress($0) }
        }
    }
}

enum LookupFailure: Error, CustomStringConvertible {
    case noAddress
    case timedOut
    case tooMany

    var description: String {
        switch self {
        case .noAddress: "the host name could not be resolved"
        case .timedOut: "the host name was not resolved in time"
        case .tooMany: "too many host names are being resolved"
        }
    }
}
