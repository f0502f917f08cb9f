import FoundationEssentials

/// A mail server's address taken apart and checked. Holds a password: it lives no longer than the settings are made.
struct SMTPAddress {
    private(set) var address = ""
    private(set) var user: String?
    private(set) var password: String?
    private(set) var options: [String: String] = [:]
    private(set) var encryption = SMTPSettings.Encryption.implicit

    init(_ text: String) throws(SettingsError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .malformed }
        var rest = text[...]
        let isImplicit = text.lowercased().hasPrefix("smtps://")
        guard isImplicit || text.lowercased().hasPrefix("smtp://") else { throw .malformed }
        rest = rest.dropFirst(isImplicit ? 8 : 7)
        if let mark = rest.firstIndex(of: "?") {
            options = try Self.options(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        // The last @, so that a password may hold one.
        if let at = rest.lastIndex(of: "@") {
            try readCredentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let (host, port) = try Self.hostAndPort(rest)
        address = "\(isImplicit ? "smtps" : "smtp")://\(host):\(port ?? (isImplicit ? 465 : 587))"
        try check(isImplicit: isImplicit, isLoopback: Self.isLoopback(host))
    }

    private mutating func check(isImplicit: Bool, isLoopback: Bool) throws(SettingsError) {
        if let tls = options["tls"] {
            guard !isImplicit, tls != "implicit", let encryption = SMTPSettings.Encryption(rawValue: tls) else {
                throw .expected("?tls= to be required, optional or none, and with smtp:// only")
            }
            self.encryption = encryption
        } else if !isImplicit {
            encryption = isLoopback ? .none : .required
        }
        let isPrivate = isLoopback || encryption == .implicit || encryption == .required
        guard user == nil || isPrivate else {
            throw .expected("TLS where there is a password: leave ?tls= away, or the user and the password")
        }
        guard options["verify"] == nil || options["verify"] == "off" && isLoopback else {
            throw .expected("?verify=off with a loopback host only; an authority of your own is named by ?ca=/path")
        }
        if let file = options["ca"], !FileManager.default.isReadableFile(atPath: file) {
            throw .expected("?ca= to be the path of a file of certificates (PEM) that can be read")
        }
    }

    private mutating func readCredentials(_ text: Substring) throws(SettingsError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let user = Self.decoded(parts[0]), let password = Self.decoded(parts[1]) else {
            throw .expected("user:password@ before the host, both percent-encoded")
        }
        self.user = user
        self.password = password
    }

    private static func options(_ query: Substring) throws(SettingsError) -> [String: String] {
        var options: [String: String] = [:]
        for option in query.split(separator: "&") {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["tls", "verify", "ca"].contains(parts[0]), let value = decoded(parts[1]),
                options.updateValue(value, forKey: String(parts[0])) == nil
            else { throw .expected("after the ? only tls=, verify= and ca=, each once") }
        }
        return options
    }

    private static func hostAndPort(_ text: Substring) throws(SettingsError) -> (host: String, port: Int?) {
        let isIPv6 = text.hasPrefix("[")
        guard
            let end = isIPv6
                ? text.firstIndex(of: "]").map({ text.index(after: $0) }) : text.firstIndex(of: ":") ?? text.endIndex
        else { throw .malformed }
        let (host, rest) = (text[..<end], text[end...])
        let name = isIPv6 ? host.dropFirst().dropLast() : host
        // All is ASCII here.
        let isHost = name.allSatisfy {
            isIPv6 ? $0.isHexDigit || ":.".contains($0) : $0.isLetter || $0.isNumber || "-._".contains($0)
        }
        guard !name.isEmpty, isHost, rest.isEmpty || rest.hasPrefix(":") else { throw .malformed }
        guard !rest.isEmpty else { return (String(host), nil) }
        guard let port = Int(rest.dropFirst()), (1...65_535).contains(port) else {
            throw .expected("a port from 1 to 65535")
        }
        return (String(host), port)
    }

    /// `localhost`, 127.0.0.0/8 and ::1, written out: a name that merely begins like them is somebody else's.
    static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Nil where it is empty, not percent-encoded UTF-8, or holds control characters, which end a line of SMTP or a
    /// string of C.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, rest.prefix(2).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let digits = String(rest.prefix(2)), let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension SettingsError {
    fileprivate static var malformed: SettingsError {
        .expected("an address such as smtp://user:password@mail.example.com:587")
    }

    fileprivate static func expected(_ what: String) -> SettingsError { SettingsError(setting: "url", expected: what) }
}
