import NIOSSL

extension NIOSSLTrustRoots {
    /// The system's certificates, read once for all clients. A client that reads them itself, which is the default,
    /// has its own copy: about a megabyte and many milliseconds for every host.
    static let shared: NIOSSLTrustRoots = {
        let files = [
            "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine
            "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, Amazon Linux
        ]
        for file in files {
            if let certificates = try? NIOSSLCertificate.fromPEMFile(file) { return .certificates(certificates) }
        }
        return .default
    }()
}
