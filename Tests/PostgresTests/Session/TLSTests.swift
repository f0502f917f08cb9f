import Foundation
import Postgres
import TestSupport
import Testing

/// A server whose certificate an authority of our own has signed for `localhost`.
@Suite struct TLSTests {
    private func server() async throws -> PrivatePostgres {
        try await PrivatePostgres(
            settings: ["ssl": "on", "ssl_cert_file": "../server.crt", "ssl_key_file": "../server.key"]
        ) { directory in
            try await openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ours -keyout ca.key -out ca.crt",
                in: directory)
            try await openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other -keyout o.key -out other.crt",
                in: directory)
            try await openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
                in: directory)
            try await openssl(
                "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt",
                in: directory)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: directory.appending(path: "server.key").path)
        }
    }

    private func openssl(_ arguments: String, in directory: URL) async throws {
        let process = try ChildProcess(
            "/usr/bin/env", ["openssl"] + arguments.split(separator: " ").map { String($0) }, directory: directory)
        let status = await process.wait()
        try #require(status == 0, "\(process.output)")
    }

    @Test func whatIsProved() async throws {
        let server = try await server()
        let ours = server.directory.appending(path: "ca.crt").path
        let other = server.directory.appending(path: "other.crt").path
        let good: [(PostgresTLS, String, String?)] = [
            (.prefer, "127.0.0.1", nil), (.require, "127.0.0.1", nil), (.verifyCA, "127.0.0.1", ours),
            (.verifyFull, "localhost", ours),
        ]
        for (tls, host, root) in good {
            let isEncrypted = try await connect(server, tls, host, root)
            #expect(isEncrypted, "\(tls)")
        }
        #expect(try await connect(server, .disable, "localhost", nil) == false)
        let bad: [(PostgresTLS, String, String?, String)] = [
            (.verifyFull, "127.0.0.1", ours, "does not match host name"),
            (.verifyFull, "localhost", other, "certificate verify failed"),
            (.verifyCA, "localhost", other, "certificate verify failed"),
            (.verifyFull, "localhost", "/nowhere/ca.pem", "root certificate file"),
        ]
        for (tls, host, root, message) in bad {
            let error = try await failure { try await connect(server, tls, host, root) }
            #expect(error.code == .unavailable)
            #expect(error.message.contains(message))
        }
    }

    /// Records of TLS are larger than what libpq reads at once.
    @Test func largeAnswers() async throws {
        let server = try await server()
        var configuration = server.configuration
        configuration.tls = .require
        let client = PostgresClient(configuration, connections: 1, logger: .quiet)
        for size in [1, 8191, 8192, 16_384, 16_385, 40_000, 1_000_000, 20_000_000] {
            let length = try await client.perform { session in
                try session.query("SELECT repeat('x', $1) AS t", [.int32(Int32(size))])[0].text("t").utf8.count
            }
            #expect(length == size)
        }
        let rows = try await client.perform { session in
            try session.pipeline((0..<2000).map { (PostgresQuery("SELECT repeat('x', $1) AS t"), [.int32($0 * 10)]) })
        }
        #expect(try rows.last?[0].text("t").utf8.count == 19_990)
    }

    private func connect(
        _ server: PrivatePostgres, _ tls: PostgresTLS, _ host: String, _ root: String?
    ) async throws -> Bool {
        var configuration = server.configuration
        configuration.tls = tls
        configuration.host = host
        configuration.rootCertificate = root
        return try await PostgresClient(configuration, connections: 1, logger: .quiet).perform { session in
            try session.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].bool("ssl")
        }
    }
}
