import Testing

@testable import Redis

@Suite struct RedisURLTests {
    @Test(arguments: [
        ("redis://localhost", RedisConfiguration(endpoint: .tcp(host: "localhost", port: 6379))),
        ("redis://10.0.0.1:7000/3", RedisConfiguration(endpoint: .tcp(host: "10.0.0.1", port: 7000), database: 3)),
        ("REDIS://h/", RedisConfiguration(endpoint: .tcp(host: "h", port: 6379))),
        ("redis://[::1]:7000", RedisConfiguration(endpoint: .tcp(host: "::1", port: 7000))),
        ("redis://:secret@h", RedisConfiguration(endpoint: .tcp(host: "h", port: 6379), password: "secret")),
        (
            "redis://me:p%40ss%3A@h:1/2",
            RedisConfiguration(endpoint: .tcp(host: "h", port: 1), username: "me", password: "p@ss:", database: 2)
        ),
        ("redis://:a@b@h", RedisConfiguration(endpoint: .tcp(host: "h", port: 6379), password: "a@b")),
        ("unix:///run/redis.sock", RedisConfiguration(endpoint: .unixSocket(path: "/run/redis.sock"))),
        (
            "unix://:pw@/run/r%20s.sock?db=4",
            RedisConfiguration(endpoint: .unixSocket(path: "/run/r s.sock"), password: "pw", database: 4)
        ),
    ])
    func addresses(url: String, expected: RedisConfiguration) throws {
        #expect(try RedisConfiguration(url: url) == expected)
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "rediss://h", "redis://", "redis://:6379", "redis://h:0", "redis://h:65536",
        "redis://h:port", "redis://h/db", "redis://h/-1", "redis://user@h", "redis://[::1", "redis://[::1]7",
        "redis://:%zz@h", "redis://:%ff@h", "unix://run/redis.sock", "unix:///r?x=1", "unix:///r?db=x",
    ])
    func whatIsNoAddress(url: String) {
        #expect { try RedisConfiguration(url: url) } throws: { ($0 as? RedisError)?.code == .invalidURL }
    }

    @Test(arguments: [
        "redis://:hunter2@h:notaport", "redis://h:6379/0?password=hunter2", "redis://u:1/a?hunter2@h/0", "hunter2://h",
    ])
    func aPasswordIsNeverShown(url: String) {
        #expect { try RedisConfiguration(url: url) } throws: { !"\($0)".contains("hunter2") }
    }

    @Test func theHandshakeIsWhatIsSet() {
        let plain = RedisConfiguration()
        #expect(plain.handshake.map(\.count) == [1])
        let all = RedisConfiguration(username: "u", password: "p", database: 2, clientName: "n")
        #expect(all.handshake.map(\.count) == [3, 2, 3, 1])
    }
}
