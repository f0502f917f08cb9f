/// The server that mail is handed to.
public struct SMTPSettings: Sendable {
    /// How the way to the server is kept private.
    enum Encryption: String, Sendable {
        /// TLS from the first byte (`smtps://`).
        case implicit
        /// STARTTLS, or nothing is sent.
        case required
        /// STARTTLS where the server offers it: whoever sits in between can take the offer away.
        case optional
        case none
    }

    /// Without the credentials: `smtp://mail.example.com:587`.
    let address: String
    /// Of the address, with its port: `mail.example.com:587`.
    var host: String { address.split(separator: "/").last.map(String.init) ?? address }
    let encryption: Encryption
    let user: Secret?
    let password: Secret?
    /// A file of certificates (PEM) that are trusted in place of the system's.
    let authorities: String?
    let verifiesCertificates: Bool

    /// For one mail, from the moment it has a connection's slot, to the reply to its end.
    public var timeout: Duration
    /// Until the server is ready for a mail: name, TCP, TLS, greeting, login. Also for the wait for a slot. With
    /// ``timeout`` shorter than the worker's drain, so that a stop never leaves a mail in doubt.
    public var connectTimeout: Duration
    /// How many mails can be on their way at once, each on a connection of its own; further ones wait. Servers allow a
    /// client some tens.
    public let connections: Int

    /// Reads `smtp://[user:password@]host[:port]` or `smtps://…`, port 587 or 465 where none is given.
    ///
    /// `smtp://` demands STARTTLS, except of a loopback host, to which it speaks in the clear; `?tls=required`,
    /// `optional` or `none` says otherwise. A password travels over TLS or to a loopback host, never else in the clear.
    /// Certificates are verified, with `?ca=/path` against the authorities in that file alone; `?verify=off` is for
    /// loopback hosts. User and password are percent-encoded.
    ///
    /// - Throws: ``SettingsError``, which never repeats the address.
    public init(
        url: Secret, timeout: Duration = .seconds(15), connectTimeout: Duration = .seconds(8), connections: Int = 10
    ) throws(SettingsError) {
        let url = try SMTPAddress(url.revealed)
        self.address = url.address
        encryption = url.encryption
        user = url.user.map { Secret($0) }
        password = url.password.map { Secret($0) }
        authorities = url.options["ca"]
        verifiesCertificates = url.options["verify"] != "off"
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        guard (1...1000).contains(connections) else {
            throw SettingsError(setting: "connections", expected: "1 to 1000")
        }
        self.connections = connections
    }
}
