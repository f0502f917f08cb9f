/// What is wrong with the address of a server. Never shows the password.
public struct PostgresConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public let message: String

    public var description: String { message }
}

extension PostgresConfiguration {
    /// Reads `postgres://user[:password]@host[:port]/[database][?parameter=value&…]`.
    ///
    /// All parts may be percent-encoded, and must be where they hold one of the characters that divide. An IPv6 address
    /// stands in brackets. The parameters: `sslmode`, `sslrootcert`, `application_name`, `connect_timeout` in seconds,
    /// and `host`, `port`, `user`, `password`, `dbname`, which come before those of the address: `?host=/run/postgresql`
    /// is a unix socket in that directory.
    ///
    /// - Throws: ``PostgresConfigurationError``, which says what is wrong and never shows the password.
    public init(url: String) throws(PostgresConfigurationError) {
        guard let end = url.firstRange(of: "://"),
            ["postgres", "postgresql"].contains(url[..<end.lowerBound].lowercased())
        else { throw .init(message: "expected postgres://user:password@host:port/database") }
        self.init(user: "", database: "")
        let halves = url[end.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var rest = halves[0]
        // The last @, so that a password may hold one.
        if let at = rest.lastIndex(of: "@") {
            try readCredentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        host = ""
        try readServer(parts[0])
        if parts.count == 2 { database = try decoded(parts[1], "the database") }
        if halves.count == 2 {
            for parameter in halves[1].split(separator: "&") { try readParameter(parameter) }
        }
        guard !user.isEmpty else { throw .init(message: "the user is missing") }
        guard !host.isEmpty else { throw .init(message: "the host is missing") }
        if database.isEmpty { database = user }
    }

    private mutating func readCredentials(_ text: Substring) throws(PostgresConfigurationError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        user = try decoded(parts[0], "the user")
        if parts.count == 2 { try readPassword(parts[1]) }
    }

    private mutating func readPassword(_ text: Substring) throws(PostgresConfigurationError) {
        let word = try decoded(text, "the password")
        password = word.isEmpty ? nil : word
    }

    private mutating func readServer(_ text: Substring) throws(PostgresConfigurationError) {
        var name = text
        var number: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw .init(message: "unclosed [ of an IPv6 address")
            }
            name = text[..<end].dropFirst()
            let after = text[end...].dropFirst()
            guard after.isEmpty || after.hasPrefix(":") else { throw .init(message: "expected :port after ]") }
            number = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            name = text[..<colon]
            number = text[colon...].dropFirst()
        }
        host = try decoded(name, "the host")
        if host.contains(",") { throw .init(message: "one host, not a list") }
        if let number { try readPort(number) }
    }

    private mutating func readPort(_ text: Substring) throws(PostgresConfigurationError) {
        guard let number = Int(text), (1...65535).contains(number) else {
            throw .init(message: "the port must be a number from 1 to 65535")
        }
        port = number
    }

    private mutating func readParameter(_ text: Substring) throws(PostgresConfigurationError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .init(message: "a parameter is name=value") }
        let name = try decoded(parts[0], "a parameter's name")
        let value = try decoded(parts[1], name)
        switch name {
        case "host": host = value
        case "port": try readPort(parts[1])
        case "user": user = value
        case "password": try readPassword(parts[1])
        case "dbname": database = value
        case "sslrootcert": rootCertificate = value
        case "application_name": applicationName = value
        case "sslmode":
            guard let mode = PostgresTLS(rawValue: value) else {
                let modes = PostgresTLS.allCases.map(\.rawValue).joined(separator: ", ")
                throw .init(message: "sslmode must be one of \(modes)")
            }
            tls = mode
        case "connect_timeout":
            guard let seconds = Int(value), (1...3600).contains(seconds) else {
                throw .init(message: "connect_timeout must be a number of seconds from 1 to 3600")
            }
            connectTimeout = .seconds(seconds)
        default: throw .init(message: "unknown parameter \(name)")
        }
    }

    private func decoded(_ text: Substring, _ what: String) throws(PostgresConfigurationError) -> String {
        guard let decoded = percentDecoded(text), !decoded.utf8.contains(0) else {
            throw .init(message: "\(what) is not percent-encoded UTF-8")
        }
        return decoded
    }
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
