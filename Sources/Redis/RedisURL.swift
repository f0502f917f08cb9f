extension RedisConfiguration {
    /// Reads `redis://[[user]:password@]host[:port][/database]` or `unix://[[user]:password@]/path[?db=n]`.
    ///
    /// Name and password may be percent-encoded, and must be where they hold `?` or `/`; so must an `@` in a path. An
    /// IPv6 address stands in brackets.
    ///
    /// - Throws: ``RedisError`` with code `invalidURL`, which says what is wrong and never shows the password.
    public init(url: String) throws(RedisError) {
        guard let schemeEnd = url.firstRange(of: "://") else {
            throw .invalidURL("expected redis://host:port/database or unix:///path")
        }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        var rest = url[schemeEnd.upperBound...]
        self.init()
        // The last @, so that a password may hold one.
        if let at = rest.prefix(while: { $0 != "?" }).lastIndex(of: "@") {
            try readCredentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        switch scheme {
        case "redis": try readAddress(rest)
        case "unix", "redis+socket": try readSocket(rest)
        case "rediss": throw .invalidURL("TLS (rediss://) is not supported yet")
        default: throw .invalidURL("unknown scheme, expected redis:// or unix://")
        }
    }

    private mutating func readCredentials(_ text: Substring) throws(RedisError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first.flatMap(percentDecoded), let word = parts.last.flatMap(percentDecoded) else {
            throw .invalidURL("user or password is not percent-encoded UTF-8")
        }
        if parts.count == 1 {
            throw .invalidURL("credentials are [user]:password@, the colon is missing")
        }
        username = name.isEmpty ? nil : name
        password = word.isEmpty ? nil : word
    }

    private mutating func readAddress(_ text: Substring) throws(RedisError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let address = parts.first ?? ""
        var host = address
        var port: Substring?
        if address.hasPrefix("[") {
            guard let end = address.firstIndex(of: "]") else { throw .invalidURL("unclosed [ of an IPv6 address") }
            host = address[address.index(after: address.startIndex)..<end]
            let after = address[address.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .invalidURL("expected :port after ]") }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = address.firstIndex(of: ":") {
            host = address[..<colon]
            port = address[address.index(after: colon)...]
        }
        guard !host.isEmpty else { throw .invalidURL("the host is missing") }
        var number = 6379
        if let port {
            guard let read = Int(port), (1...65535).contains(read) else {
                throw .invalidURL("the port must be a number from 1 to 65535")
            }
            number = read
        }
        endpoint = .tcp(host: String(host), port: number)
        if parts.count == 2, !parts[1].isEmpty { database = try Self.database(parts[1]) }
    }

    private mutating func readSocket(_ text: Substring) throws(RedisError) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first.flatMap(percentDecoded), path.hasPrefix("/") else {
            throw .invalidURL("expected an absolute path: unix:///run/redis.sock")
        }
        endpoint = .unixSocket(path: path)
        if parts.count == 2 {
            guard parts[1].hasPrefix("db=") else { throw .invalidURL("expected ?db=n after the path") }
            database = try Self.database(parts[1].dropFirst(3))
        }
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        guard let number = Int(text), number >= 0 else {
            throw .invalidURL("the database must be a number from 0, with nothing behind it")
        }
        return number
    }
}

extension RedisError {
    fileprivate static func invalidURL(_ message: String) -> RedisError { RedisError(.invalidURL, message) }
}

private func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let digits = String(rest.prefix(2)), let value = UInt8(digits, radix: 16) else {
            return nil
        }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
}
