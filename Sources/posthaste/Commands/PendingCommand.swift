import ArgumentParser
import Foundation
import JobRuntime
import Logging
import Messaging
import Operations
import Redis

struct PendingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pending", abstract: "Show what waits, what is being sent, and by whom.",
        discussion: """
            Per queue: DEPTH (waits), PENDING (delivered to a worker, not settled), RETRYING, DEAD. Per consumer: how \
            much it holds, for how long the quietest entry has shown no sign of life, and its highest delivery count.
            """)

    @Argument(help: "Queues to show; without any, all message queues.") var queues: [String] = []
    @Flag(help: "As JSON.") var json = false

    func run() async throws {
        let settings = try await Settings.load()
        let redis = RedisClient(settings.redis.named("posthaste-pending"), logger: try settings.logger("posthaste"))
        let inspector = QueueInspector(redis: redis, keys: settings.keys)
        let names = queues.isEmpty ? Channel.allCases.map(\.queueName) : queues
        try await withThrowingTaskGroup { group in
            group.addTask { await redis.run() }
            defer { group.cancelAll() }
            var report: [QueuePending] = []
            for name in names { report.append(try await inspector.pending(of: name)) }
            print(try json ? encoded(report) : PendingTable(report).description)
        }
    }

    private func encoded(_ report: [QueuePending]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
