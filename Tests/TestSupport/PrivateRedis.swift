public import Foundation
public import Redis
import Testing

/// A redis-server of a test's own: own port, own directory, append-only file on, killed and restarted at will.
public final class PrivateRedis: Sendable {
    public let port: Int
    public let directory: URL
    private let password: String?
    private let primary: Int?
    private let process: Locked<ChildProcess?> = Locked(nil)

    /// - Parameters:
    ///   - password: what the server requires (requirepass).
    ///   - primary: the port of the server that it is a replica of, or of a proxy to it; nil: it is none.
    public init(password: String? = nil, replicaOf primary: Int? = nil) async throws {
        self.password = password
        self.primary = primary
        directory = FileManager.default.temporaryDirectory.appending(path: "posthaste-test-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        Leftovers.add(directory: directory)
        port = try freePort()
        try await start()
    }

    deinit {
        process.value = nil
        try? FileManager.default.removeItem(at: directory)
        Leftovers.remove(directory: directory)
    }

    public var url: String { "redis://127.0.0.1:\(port)/0" }

    public var configuration: RedisConfiguration {
        RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: port), password: password)
    }

    /// Starts the server, or starts it again from its append-only file.
    public func start() async throws {
        process.value = try ChildProcess(
            "/usr/bin/env",
            [
                "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socket, "--save", "",
                "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--loglevel", "notice",
                "--enable-debug-command", "local", "--repl-diskless-sync-delay", "0",
            ] + (password.map { ["--requirepass", $0] } ?? [])
                + (primary.map { ["--replicaof", "127.0.0.1 \($0)"] } ?? []), directory: directory)
        try await eventually("redis-server answers") { try await isUp() }
    }

    /// kill -9.
    public func kill() async { await process.value?.killHard() }

    /// SIGSTOP: connections stand, and nothing answers.
    public func freeze() { process.value?.signal(SIGSTOP) }

    public func thaw() { process.value?.signal(SIGCONT) }

    public var socket: String { directory.appending(path: "redis.sock").path }

    private func isUp() async throws -> Bool {
        guard let connection = try? await RedisConnection.connect(configuration) else { return false }
        defer { Task { await connection.close() } }
        // An error here is LOADING: it reads its file.
        return (try? await connection.send(RedisCommand("PING"))) != nil
    }

    /// The server that tests share which do nothing to it; each has a key prefix of its own.
    public static func shared() async throws -> PrivateRedis { try await Shared.instance.server() }

    private actor Shared {
        static let instance = Shared()
        private var starting: Task<PrivateRedis, any Error>?

        func server() async throws -> PrivateRedis {
            let task = starting ?? Task { try await PrivateRedis() }
            starting = task
            return try await task.value
        }
    }
}
