/// The addresses that begin with the same bits: `10.0.0.0/8`, `fd00::/8`.
public struct AddressRange: Hashable, Sendable {
    let base: IPAddress
    /// How many bits count.
    let prefix: Int

    init(_ base: IPAddress, prefix: Int) {
        self.base = base
        self.prefix = prefix
    }

    /// Reads an address and the length of its prefix, or an address alone, which is itself and no other.
    ///
    /// - Throws: ``SettingsError`` for anything else. An IPv4 range in the clothes of an IPv6 one is refused, since
    ///   addresses are judged by what they stand for; so are bits after the prefix, which would be ignored.
    public init(parsing text: String) throws(SettingsError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(parsing: String(parts[0])), base.unmapped == base else {
            throw SettingsError(
                setting: "allowed", expected: "ranges of addresses such as 10.0.0.0/8 or fd00::/8, separated by commas")
        }
        let width = base.width
        let digits = parts.count == 2 ? parts[1] : "\(width)"
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let prefix = Int(digits), prefix <= width
        else {
            throw SettingsError(
                setting: "allowed", expected: "a prefix from 0 to \(width) after the slash of an \(base.family) range")
        }
        guard base.bits(after: prefix) == 0 else {
            throw SettingsError(
                setting: "allowed", expected: "ranges without bits after their prefix: 10.0.0.0/8, not 10.0.0.1/8")
        }
        self.init(base, prefix: prefix)
    }

    /// An IPv6 range has no IPv4 address in it, not even `::/0`.
    package func contains(_ address: IPAddress) -> Bool {
        switch (base, address) {
        case (.v4(let base), .v4(let address)): (base ^ address) >> (32 - prefix) == 0
        case (.v6(let base), .v6(let address)): (base ^ address) >> (128 - prefix) == 0
        default: false
        }
    }
}

extension IPAddress {
    fileprivate var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    fileprivate var family: String {
        switch self {
        case .v4: "IPv4"
        case .v6: "IPv6"
        }
    }

    fileprivate func bits(after prefix: Int) -> UInt128 {
        switch self {
        case .v4(let number): UInt128(number << prefix)
        case .v6(let number): number << prefix
        }
    }
}
