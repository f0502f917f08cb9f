public import Foundation
public import Postgres
import Testing

/// A Postgres server of a test's own: own port, own directory, killed, frozen and restarted at will.
public final class PrivatePostgres: Sendable {
    public let port: Int
    public let directory: URL
    private let binaries: PostgresBinaries
    private let settings: [String: String]
    private let process: Locked<ChildProcess?> = Locked(nil)
    private let administrator: PostgresClient

    private static let user = "posthaste"
    private static let password = "p\(UInt64.random(in: .min ... .max))"

    /// - Parameters:
    ///   - isDurable: whether it waits for its disk, so that what is committed outlives the machine. What is committed
    ///     outlives the server either way.
    ///   - settings: of `postgresql.conf`.
    ///   - prepare: puts files into the server's directory before it starts.
    public init(
        isDurable: Bool = false, settings: [String: String] = [:],
        prepare: @Sendable (URL) async throws -> Void = { _ in }
    ) async throws {
        binaries = try PostgresBinaries()
        directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-test-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        Leftovers.add(directory: directory)
        port = try freePort()
        let durability = isDurable ? [:] : ["fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"]
        self.settings = durability.merging(settings) { $1 }
        var administration = Self.configuration(port: port, database: "postgres")
        // Tests that run beside each other all want a database first.
        (administration.poolTimeout, administration.statementTimeout) = (.seconds(300), .seconds(120))
        administrator = PostgresClient(administration, connections: 2, logger: .quiet)
        try await prepare(directory)
        try binaries.hand(over: directory)
        let template = try await Template.instance.directory(binaries)
        try await binaries.run("cp", ["-a", template.appending(path: "data").path, data.path], in: directory)
        try await start()
    }

    deinit {
        process.value?.signal(SIGKILL)
        for child in children { _ = Foundation.kill(child, SIGKILL) }
        process.value = nil
        try? FileManager.default.removeItem(at: directory)
        Leftovers.remove(directory: directory)
    }

    private var data: URL { directory.appending(path: "data") }

    private static func configuration(port: Int, database: String) -> PostgresConfiguration {
        PostgresConfiguration(port: port, user: user, password: password, database: database)
    }

    /// The server with the database `postgres`, which all tests that use it share.
    public var configuration: PostgresConfiguration { Self.configuration(port: port, database: "postgres") }

    /// An empty database that no other test has.
    public func freshDatabase() async throws -> PostgresConfiguration {
        let name = "test_\(UInt64.random(in: .min ... .max))"
        try await administrator.perform { _ = try $0.query(PostgresQuery("CREATE DATABASE \(name)")) }
        return Self.configuration(port: port, database: name)
    }

    /// How the address of a database is written.
    public func url(_ configuration: PostgresConfiguration) -> String {
        "postgres://\(Self.user):\(Self.password)@127.0.0.1:\(port)/\(configuration.database)?sslmode=disable"
    }

    /// A network to the server that can be made to fail, and the database `postgres` behind it.
    public func proxied() async throws -> (proxy: TCPProxy, configuration: PostgresConfiguration) {
        let proxy = try await TCPProxy(to: port)
        var proxied = configuration
        proxied.port = proxy.port
        return (proxy, proxied)
    }

    /// Starts the server, or starts it again.
    public func start() async throws {
        var arguments = ["-D", data.path, "-p", "\(port)"]
        let fixed = [
            "listen_addresses": "127.0.0.1", "unix_socket_directories": directory.path, "max_connections": "200",
        ]
        for (name, value) in fixed.merging(settings, uniquingKeysWith: { $1 }) {
            arguments += ["-c", "\(name)=\(value)"]
        }
        process.value = try await binaries.start("postgres", arguments, in: directory)
        try await eventually("postgres answers") { [configuration] in
            let client = PostgresClient(configuration, connections: 1, logger: .quiet)
            return (try? await client.perform { try $0.query("SELECT 1").count }) == 1
        }
    }

    /// kill -9, of all its processes.
    public func kill() async {
        guard let process = process.value else { return }
        // Stopped first, it makes no more of them.
        process.signal(SIGSTOP)
        let children = children
        for child in children { _ = Foundation.kill(child, SIGKILL) }
        await process.killHard()
        _ = try? await eventually("its processes are gone") { !children.contains(where: ProcessTable.isAlive) }
    }

    /// SIGSTOP, of all its processes: connections stand, and nothing answers.
    public func freeze() {
        process.value?.signal(SIGSTOP)
        for child in children { _ = Foundation.kill(child, SIGSTOP) }
    }

    public func thaw() {
        for child in children { _ = Foundation.kill(child, SIGCONT) }
        process.value?.signal(SIGCONT)
    }

    /// What the server has logged.
    public var log: String { process.value?.output ?? "" }

    private var children: [Int32] { process.value.map { ProcessTable.children(of: $0.pid) } ?? [] }

    /// The server that tests share which do nothing to it; each has a database of its own.
    public static func shared() async throws -> PrivatePostgres { try await Shared.instance.server() }

    private actor Shared {
        static let instance = Shared()
        private var starting: Task<PrivatePostgres, any Error>?

        func server() async throws -> PrivatePostgres {
            let task = starting ?? Task { try await PrivatePostgres() }
            starting = task
            return try await task.value
        }
    }

    /// The files of a new server, made once and copied for each.
    private actor Template {
        static let instance = Template()
        private var making: Task<URL, any Error>?

        func directory(_ binaries: PostgresBinaries) async throws -> URL {
            let task = making ?? Task { try await make(binaries) }
            making = task
            return try await task.value
        }

        private func make(_ binaries: PostgresBinaries) async throws -> URL {
            let directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-test-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            Leftovers.add(directory: directory)
            let word = directory.appending(path: "password")
            try Data(PrivatePostgres.password.utf8).write(to: word)
            try binaries.hand(over: directory)
            try await binaries.run(
                "initdb",
                [
                    "-D", directory.appending(path: "data").path, "-U", PrivatePostgres.user, "--pwfile", word.path,
                    "-A", "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-sync",
                ], in: directory)
            return directory
        }
    }
}
