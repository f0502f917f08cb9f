/// The names that the ingress answers to (`ALLOWED_HOSTS`): names, suffixes such as `.example.com`, which stand for the
/// name itself as well, and `*` for all.
public struct AllowedHosts: Sendable, Equatable {
    public static let all = AllowedHosts(all: true)

    private var isAll: Bool
    private var names: [String] = []
    private var suffixes: [String] = []

    private init(all: Bool) { isAll = all }

    /// - Returns: nil for what is no list of such names, separated by commas.
    public init?(parsing text: String) {
        self.init(all: false)
        for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            let name = part.lowercased()
            let isPlain = name.utf8.allSatisfy { byte in
                byte.isHostName || name.hasPrefix("[") && name.hasSuffix("]") && [0x5B, 0x5D, 0x3A].contains(byte)
            }
            if name == "*" {
                isAll = true
            } else if !isPlain || name == "." {
                return nil
            } else if name.hasPrefix(".") {
                suffixes.append(name)
            } else {
                names.append(name)
            }
        }
        guard isAll || !names.isEmpty || !suffixes.isEmpty else { return nil }
    }

    /// The host of a web address; nil where it has none.
    public init?(ofURL url: String) {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        self.init(parsing: String(Self.host(of: String(url[start...].prefix { !"/?#".contains($0) }))))
    }

    /// - Parameter authority: a host, with or without a port.
    func contains(_ authority: String) -> Bool {
        if isAll { return true }
        // As it is in nearly all requests.
        if names.contains(authority) { return true }
        let host = Self.host(of: authority).lowercased()
        return names.contains(host) || suffixes.contains { host.hasSuffix($0) || host == $0.dropFirst() }
    }

    /// Without port, and without the dot of a name that is complete.
    static func host(of authority: String) -> Substring {
        var host = authority[...]
        if let colon = host.lastIndex(of: ":"),
            host[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            !host[..<colon].contains(":") || host[..<colon].hasSuffix("]")
        {
            host = host[..<colon]
        }
        return host.hasSuffix(".") ? host.dropLast() : host
    }

    /// Whether a text can be the value of a `Host` field.
    static func isAuthority(_ text: String) -> Bool {
        (1...262).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isHostName || $0 == UInt8(ascii: ":") || $0 == 0x5B || $0 == 0x5D }
    }
}

extension UInt8 {
    /// Letters, digits, `-`, `.` and `_`, which names in private networks have.
    fileprivate var isHostName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
