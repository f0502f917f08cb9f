import Postgres
import Testing

@Suite struct PostgresURLTests {
    private func read(_ url: String) throws -> PostgresConfiguration { try PostgresConfiguration(url: url) }

    @Test func allParts() throws {
        let read = try read(
            "postgresql://me:pa%3Ass%40@db.example:6543/mine?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3"
                + "&application_name=a%20b")
        var expected = PostgresConfiguration(
            host: "db.example", port: 6543, user: "me", password: "pa:ss@", database: "mine", tls: .verifyFull,
            rootCertificate: "/etc/ca.pem", applicationName: "a b")
        expected.connectTimeout = .seconds(3)
        #expect(read == expected)
    }

    @Test(arguments: [
        ("postgres://me@h", PostgresConfiguration(host: "h", user: "me")),
        ("postgres://me@h/", PostgresConfiguration(host: "h", user: "me")),
        ("POSTGRES://me:@h/d", PostgresConfiguration(host: "h", user: "me", database: "d")),
        ("postgres://me:a@b@h/d", PostgresConfiguration(host: "h", user: "me", password: "a@b", database: "d")),
        ("postgres://me@[::1]:1/d", PostgresConfiguration(host: "::1", port: 1, user: "me", database: "d")),
        ("postgres://me@[::1]/d", PostgresConfiguration(host: "::1", user: "me", database: "d")),
        ("postgres://me@/d?host=/run/pg", PostgresConfiguration(host: "/run/pg", user: "me", database: "d")),
        ("postgres://me@%2Frun%2Fpg/d", PostgresConfiguration(host: "/run/pg", user: "me", database: "d")),
        (
            "postgres:///?host=h&port=7&user=u&password=p%26&dbname=d",
            PostgresConfiguration(host: "h", port: 7, user: "u", password: "p&", database: "d")
        ),
        ("postgres://m%C3%A9@h/d%2Fe", PostgresConfiguration(host: "h", user: "mé", database: "d/e")),
        (
            "postgres://me@h/d?sslmode=disable",
            PostgresConfiguration(host: "h", user: "me", database: "d", tls: .disable)
        ),
    ])
    func isRead(url: String, expected: PostgresConfiguration) throws { #expect(try read(url) == expected) }

    @Test(arguments: [
        ("", "expected postgres://user:password@host:port/database"),
        ("mysql://me:secret@h", "expected postgres://user:password@host:port/database"),
        ("host=h user=me password=secret", "expected postgres://user:password@host:port/database"),
        ("postgres://h/d", "the user is missing"),
        ("postgres://me:secret@/d", "the host is missing"),
        ("postgres://me:secret@h:0/d", "the port must be a number from 1 to 65535"),
        ("postgres://me:secret@h:x/d", "the port must be a number from 1 to 65535"),
        ("postgres://me:secret@[::1/d", "unclosed [ of an IPv6 address"),
        ("postgres://me:secret@[::1]5/d", "expected :port after ]"),
        ("postgres://me:secret@a,b/d", "one host, not a list"),
        ("postgres://me:secret%zz@h/d", "the password is not percent-encoded UTF-8"),
        ("postgres://me:secret%00@h/d", "the password is not percent-encoded UTF-8"),
        (
            "postgres://me:secret@h/d?sslmode=allow",
            "sslmode must be one of disable, prefer, require, verify-ca, verify-full"
        ),
        ("postgres://me:secret@h/d?sslmode", "a parameter is name=value"),
        ("postgres://me:secret@h/d?options=-c", "unknown parameter options"),
        ("postgres://me:secret@h/d?connect_timeout=0", "connect_timeout must be a number of seconds from 1 to 3600"),
    ])
    func isRefused(url: String, message: String) throws {
        let error = #expect(throws: PostgresConfigurationError.self) { try read(url) }
        #expect(error?.message == message)
    }

    @Test func thePasswordIsNeverShown() throws {
        let configuration = try read("postgres://me:secret@h/d")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
            #expect(text.contains("me@h:5432/d"))
            #expect(!text.contains("secret"))
        }
    }
}
