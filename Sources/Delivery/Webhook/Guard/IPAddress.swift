#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#else
    package import Darwin
#endif

/// An IP address as a number, its first bit the highest.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads four decimal numbers, or what RFC 4291 has for IPv6; none of the other forms that resolvers take.
    package init?(parsing text: String) {
        var v4: UInt32 = 0
        var v6: UInt128 = 0
        if inet_pton(AF_INET, text, &v4) == 1 {
            self = .v4(UInt32(bigEndian: v4))
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self = .v6(UInt128(bigEndian: v6))
        } else {
            return nil
        }
    }

    /// The address in a `sockaddr_in` or `sockaddr_in6`; nil for other families.
    package init?(_ socket: UnsafePointer<sockaddr>) {
        let bytes = UnsafeRawPointer(socket)
        switch Int32(socket.pointee.sa_family) {
        // After family and port; and, in IPv6, the flow label.
        case AF_INET: self = .v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        case AF_INET6: self = .v6(UInt128(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt128.self)))
        default: return nil
        }
    }

    /// The IPv4 address where this is one mapped into IPv6, `::ffff:192.0.2.1` (RFC 4291, section 2.5.5.2): a
    /// connection to it goes there.
    package var unmapped: IPAddress {
        guard case .v6(let number) = self, number >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: number))
    }
}

extension IPAddress: CustomStringConvertible {
    /// In a form that ``init(parsing:)`` reads.
    package var description: String {
        switch self {
        case .v4(let number):
            stride(from: 24, through: 0, by: -8).map { String(number >> $0 & 0xFF) }.joined(separator: ".")
        case .v6(let number):
            stride(from: 112, through: 0, by: -16).map { String(number >> $0 & 0xFFFF, radix: 16) }
                .joined(separator: ":")
        }
    }
}
