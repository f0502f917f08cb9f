/// Where Postgres is and how to talk to it. Its description never shows the password.
public struct PostgresConfiguration: Sendable, Equatable {
    /// A name, an address, or the directory of a unix socket, which begins with a slash.
    public var host: String
    public var port: Int
    public var user: String
    public var password: String?
    public var database: String

    public var tls: PostgresTLS
    /// The PEM file of the authorities that may have signed the server's certificate. Nil: libpq's own default,
    /// `~/.postgresql/root.crt`.
    public var rootCertificate: String?
    /// What `pg_stat_activity` shows.
    public var applicationName: String

    /// How long connecting may take, with the login; looking up the host's name comes on top.
    public var connectTimeout: Duration = .seconds(5)
    /// After how long the server gives a statement up.
    public var statementTimeout: Duration = .seconds(30)
    /// How much longer than ``statementTimeout`` the server may say nothing before the connection is given up.
    public var answerGrace: Duration = .seconds(5)
    /// How long a caller waits for a free connection.
    public var poolTimeout: Duration = .seconds(10)

    public init(
        host: String = "127.0.0.1", port: Int = 5432, user: String, password: String? = nil, database: String? = nil,
        tls: PostgresTLS = .prefer, rootCertificate: String? = nil, applicationName: String = "posthaste"
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database ?? user
        self.tls = tls
        self.rootCertificate = rootCertificate
        self.applicationName = applicationName
    }
}

/// Whether the connection is encrypted and the server proves who it is: libpq's `sslmode`.
public enum PostgresTLS: String, Sendable, Hashable, CaseIterable {
    case disable
    /// TLS where the server has it. Nothing is proved.
    case prefer
    /// TLS, though the server's certificate is checked only when a root certificate is given.
    case require
    /// TLS, and the certificate is signed by an authority of the root certificate.
    case verifyCA = "verify-ca"
    /// The same, and the certificate is made out to this host.
    case verifyFull = "verify-full"
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let server = host.contains(":") ? "[\(host)]" : host
        return "postgres://\(user)@\(server):\(port)/\(database)?sslmode=\(tls.rawValue)"
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)](), displayStyle: .struct) }
}

extension PostgresConfiguration {
    /// How long the server may be silent while it owes an answer.
    var silence: Duration { statementTimeout + answerGrace }

    /// libpq's keywords. A list, so that no value can be taken for a keyword and no password stands in a text.
    var keywords: [(String, String?)] {
        let keepalive = String(max(1, silence.wholeSeconds / 2))
        return [
            ("host", host), ("port", String(port)), ("user", user), ("password", password), ("dbname", database),
            ("sslmode", tls.rawValue), ("sslrootcert", rootCertificate), ("gssencmode", "disable"),
            ("application_name", applicationName), ("client_encoding", "UTF8"), ("keepalives", "1"),
            ("keepalives_idle", keepalive), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            // Our own guard comes first, where there is one.
            ("tcp_user_timeout", String((silence + .seconds(10)).wholeMilliseconds)),
        ]
    }

    /// The settings of a new session. A transaction that we have forgotten, or whose process stands still, does not hold
    /// its locks for ever.
    var sessionScript: String {
        """
        SET statement_timeout = \(statementTimeout.wholeMilliseconds);
        SET idle_in_transaction_session_timeout = \((silence + .seconds(30)).wholeMilliseconds);
        SET TimeZone = 'UTC'
        """
    }
}

extension Duration {
    var wholeSeconds: Int64 { components.seconds }
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
