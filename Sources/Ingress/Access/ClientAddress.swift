import Delivery

/// Whom an address stands for where a limit goes by it.
enum ClientAddress {
    /// An IPv4 address itself, also where it is dressed as an IPv6 one; of an IPv6 address the first 64 bits, since the
    /// rest is the client's to choose. Those who have none share a limit.
    static func subject(of address: IPAddress?) -> String {
        switch address?.unmapped {
        case .v4(let number)?: "\(IPAddress.v4(number))"
        case .v6(let number)?: "\(IPAddress.v6((number >> 64) << 64))/64"
        case nil: "unknown"
        }
    }
}
