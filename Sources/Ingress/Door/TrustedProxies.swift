public import Delivery
import HTTPTypes
import Hummingbird

/// The proxies whose word on the client's address is believed (`TRUSTED_PROXIES`).
public struct TrustedProxies: Sendable, Equatable {
    private let ranges: [AddressRange]

    public init(_ ranges: [AddressRange] = []) { self.ranges = ranges }

    /// The address of whoever made a request: the first one, seen from here, that is no trusted proxy's.
    ///
    /// - Parameter peer: whoever is at the other end of the connection; nil: not known, and so nobody is believed.
    func client(_ headers: HTTPFields, peer: IPAddress?) -> IPAddress? {
        guard let peer = peer?.unmapped else { return nil }
        guard !ranges.isEmpty, isTrusted(peer) else { return peer }
        let lists = [headers[.forwardedFor], headers[.forwarded].map(Self.addresses)].compactMap(\.self)
        // A proxy writes one of the two, and may pass the other on as the client wrote it.
        let found = Set(lists.map { walk($0, from: peer) })
        guard found.count == 1, let client = found.first else { return peer }
        return client
    }

    private func isTrusted(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// Right to left: each proxy adds the address that it saw at the end. What stands before an address that is not
    /// trusted is that one's own word.
    private func walk(_ list: String, from peer: IPAddress) -> IPAddress {
        var client = peer
        for part in list.split(separator: ",", omittingEmptySubsequences: false).reversed() {
            guard isTrusted(client), let address = Self.address(part) else { return client }
            client = address
        }
        return client
    }

    /// The values of `for` in a `Forwarded` field (RFC 7239), with commas between. An element without is kept as one
    /// that is not known.
    private static func addresses(_ forwarded: String) -> String {
        forwarded.split(separator: ",", omittingEmptySubsequences: false).map { element in
            let pair = element.split(separator: ";").first { $0.trimmed.lowercased().hasPrefix("for=") }
            return pair.map { String($0.trimmed.dropFirst(4).filter { $0 != "\"" }) } ?? "unknown"
        }.joined(separator: ",")
    }

    /// An address with or without a port, an IPv6 one with brackets or, without a port, without.
    private static func address(_ text: Substring) -> IPAddress? {
        var text = text.trimmed
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            text = text[text.index(after: text.startIndex)..<end]
        } else if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
            text = text[..<colon]
        }
        return IPAddress(parsing: String(text))?.unmapped
    }
}
