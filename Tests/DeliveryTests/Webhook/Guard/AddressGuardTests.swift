import TestSupport
import Testing

@testable import Delivery

@Suite struct AddressGuardTests {
    /// What must be refused, as the registries write it, and not as the guard does.
    static let refused = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
        "::/128", "::1/128", "fe80::/10", "fc00::/7", "ff00::/8", "2001:db8::/32", "3fff::/20", "100::/64", "2002::/16",
        "64:ff9b::/96", "64:ff9b:1::/48", "5f00::/16", "2001::/32", "fec0::/10", "::/96", "2001:2::/48", "2001:10::/28",
        "2001:20::/28",
    ]

    @Test(arguments: refused) func aRangeIsRefusedFromItsFirstAddressToItsLast(text: String) throws {
        let range = try AddressRange(parsing: text)
        for address in [range.first, range.last] {
            #expect(!AddressGuard().permits(address), "\(address)")
            #expect(!AddressGuard().permits(address.mapped), "\(address.mapped)")
        }
    }

    /// One address beyond either end of every range, where nothing else refuses it.
    @Test(arguments: [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255",
        "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
        "2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff:1000::", "2606:4700:4700::1111",
    ])
    func theNeighboursOfARangeArePermitted(text: String) throws {
        let address = try #require(IPAddress(parsing: text))
        #expect(AddressGuard().permits(address) && AddressGuard().permits(address.mapped))
    }

    /// Beside the ranges that have a name: nobody is given an address there.
    @Test(arguments: ["::7f00:1", "::8.8.8.8", "200::1", "1fff:ffff::1", "4000::", "fbff::1", "fe00::1"])
    func whatIsNotGlobalUnicastIsRefused(text: String) throws {
        #expect(!AddressGuard().permits(try #require(IPAddress(parsing: text))))
    }

    /// The guard against a comparison of texts of bits, on addresses in and around all ranges.
    @Test(arguments: 0..<20) func itAgreesWithANaiveCheck(seed: UInt64) throws {
        var random = SeededGenerator(state: seed)
        let naive = NaiveGuard(Self.refused + ["2001::/23"])
        let ranges = try Self.refused.map { try AddressRange(parsing: $0) }
        for _ in 0..<2000 {
            let address = ranges.randomElement(using: &random)?.base.changed(&random) ?? .v4(0)
            for address in [address, address.mapped] {
                #expect(AddressGuard().permits(address) == naive.permits(address), "\(address)")
            }
        }
    }

    @Test func whatIsAllowedGoesBeforeWhatIsRefused() throws {
        let wall = AddressGuard(allowed: try ["10.1.0.0/16", "::1", "fd00::/8"].map { try AddressRange(parsing: $0) })
        for text in ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "::1", "fdff::1", "8.8.8.8"] {
            #expect(wall.permits(try #require(IPAddress(parsing: text))), "\(text)")
        }
        for text in ["10.0.255.255", "10.2.0.0", "::ffff:10.2.0.0", "::", "::2", "fcff::1", "127.0.0.1"] {
            #expect(!wall.permits(try #require(IPAddress(parsing: text))), "\(text)")
        }
    }

    /// All of IPv6 is not all of IPv4 in its clothes.
    @Test func aRangeOfOneFamilyAllowsNothingOfTheOther() throws {
        let v6 = AddressGuard(allowed: [try AddressRange(parsing: "::/0")])
        #expect(v6.permits(try #require(IPAddress(parsing: "fe80::1"))))
        #expect(!v6.permits(try #require(IPAddress(parsing: "::ffff:127.0.0.1"))))
        let v4 = AddressGuard(allowed: [try AddressRange(parsing: "0.0.0.0/0")])
        #expect(v4.permits(try #require(IPAddress(parsing: "::ffff:127.0.0.1"))))
        #expect(!v4.permits(try #require(IPAddress(parsing: "::127.0.0.1"))))
    }
}

/// As slow and plain as can be.
private struct NaiveGuard {
    let refused: [(bits: String, isV6: Bool)]

    init(_ texts: [String]) {
        refused = texts.map { text in
            let parts = text.split(separator: "/").map(String.init)
            let address = IPAddress(parsing: parts[0]) ?? .v4(0)
            return (String(address.bits.prefix(Int(parts[1]) ?? 0)), address.bits.count == 128)
        }
    }

    func permits(_ address: IPAddress) -> Bool {
        var bits = address.bits
        let mapped = String(repeating: "0", count: 80) + String(repeating: "1", count: 16)
        if bits.count == 128, bits.hasPrefix(mapped) { bits = String(bits.dropFirst(96)) }
        if bits.count == 128, !bits.hasPrefix("001") { return false }
        return !refused.contains { $0.isV6 == (bits.count == 128) && bits.hasPrefix($0.bits) }
    }
}

extension IPAddress {
    fileprivate var bits: String {
        let (digits, width) =
            switch self {
            case .v4(let number): (String(number, radix: 2), 32)
            case .v6(let number): (String(number, radix: 2), 128)
            }
        return String(repeating: "0", count: width - digits.count) + digits
    }

    /// An IPv4 address in an IPv6 one; an IPv6 one as it is.
    fileprivate var mapped: IPAddress {
        guard case .v4(let number) = self else { return self }
        return .v6(0xFFFF << 32 | UInt128(number))
    }

    /// With bits turned at random, most of them far down.
    fileprivate func changed(_ random: inout SeededGenerator) -> IPAddress {
        switch self {
        case .v4(let number):
            .v4(number ^ .random(in: 0...(.max), using: &random) >> Int.random(in: 0...32, using: &random))
        case .v6(let number):
            .v6(number ^ .random(in: 0...(.max), using: &random) >> Int.random(in: 0...128, using: &random))
        }
    }
}

extension AddressRange {
    fileprivate var first: IPAddress { base }

    fileprivate var last: IPAddress {
        switch base {
        case .v4(let number): .v4(number | UInt32.max >> prefix)
        case .v6(let number): .v6(number | UInt128.max >> prefix)
        }
    }
}
