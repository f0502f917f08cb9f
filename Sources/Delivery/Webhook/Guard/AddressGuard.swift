/// Which addresses a customer's webhook may go to: those of the public Internet, and what the operator allows.
///
/// Whoever names an endpoint makes the worker connect to it, and the worker can reach what the customer cannot: the
/// network it stands in, and itself.
struct AddressGuard: Sendable {
    /// Goes before everything that is refused otherwise.
    var allowed: [AddressRange] = []

    /// Whether a connection may go there. An IPv4 address mapped into IPv6 is judged as the IPv4 address.
    func permits(_ address: IPAddress) -> Bool {
        let address = address.unmapped
        if allowed.contains(where: { $0.contains(address) }) { return true }
        if case .v6 = address, !Self.globalUnicast.contains(address) { return false }
        return !Self.refused.contains { $0.contains(address) }
    }

    /// All of IPv6 that is given to networks (RFC 4291, section 2.4; IANA's registry of the address space). Outside it
    /// lie, among others, `::`, `::1`, IPv4-compatible addresses, 64:ff9b::/96 and 64:ff9b:1::/48 (NAT64), 100::/64
    /// (discard), 5f00::/16 (segment routing), fc00::/7 (unique local), fe80::/10 (link-local), fec0::/10 (site-local)
    /// and ff00::/8 (multicast).
    private static let globalUnicast = AddressRange(.v6(0x2000 << 112), prefix: 3)

    /// Source: IANA's special-purpose address registries (RFC 6890), for both families.
    private static let refused = [
        v4(0, prefix: 8),  // "this network"
        v4(10, prefix: 8),  // private
        v4(100, 64, prefix: 10),  // shared by a carrier's customers
        v4(127, prefix: 8),  // loopback
        v4(169, 254, prefix: 16),  // link-local, and with it the clouds' metadata
        v4(172, 16, prefix: 12),  // private
        v4(192, 0, 0, prefix: 24),  // protocol assignments
        v4(192, 0, 2, prefix: 24),  // documentation
        v4(192, 88, 99, prefix: 24),  // 6to4 relays
        v4(192, 168, prefix: 16),  // private
        v4(198, 18, prefix: 15),  // benchmarks
        v4(198, 51, 100, prefix: 24),  // documentation
        v4(203, 0, 113, prefix: 24),  // documentation
        v4(224, prefix: 4),  // multicast
        v4(240, prefix: 4),  // reserved, and broadcast
        AddressRange(.v6(0x2001 << 112), prefix: 23),  // protocol assignments: Teredo, benchmarks, ORCHID
        AddressRange(.v6(0x2001_0db8 << 96), prefix: 32),  // documentation
        AddressRange(.v6(0x2002 << 112), prefix: 16),  // 6to4, which holds an IPv4 address
        AddressRange(.v6(0x3fff << 112), prefix: 20),  // documentation
    ]

    private static func v4(
        _ first: UInt32, _ second: UInt32 = 0, _ third: UInt32 = 0, prefix: Int
    ) -> AddressRange {
        AddressRange(.v4(first << 24 | second << 16 | third << 8), prefix: prefix)
    }
}
