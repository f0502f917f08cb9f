import NIOCore
import Redis

/// Reads a queue's streams over a connection of its own, which may block.
struct RedisStreamReader: StreamReader {
    let store: RedisStore
    let queue: JobQueue
    let consumer: String
    let connection: RedisConnection
    /// The server's number for the connection.
    let clientID: Int64?

    /// An error of one lane is thrown only when the others delivered nothing: what was delivered must be run.
    func read(_ reads: [LaneRead]) async throws(StoreError) -> [Delivered] {
        let commands = reads.map { command(count: $0.count, block: nil, lanes: [$0.lane]) }
        var delivered: [Delivered] = []
        var failure: RedisError?
        for reply in await connection.replies(to: commands) {
            do throws(RedisError) {
                delivered += try entries(try reply.get())
            } catch {
                failure = error
            }
        }
        if let failure, delivered.isEmpty { throw StoreError(failure) }
        return delivered
    }

    func wait(_ count: Int, for time: Duration) async throws(StoreError) -> [Delivered] {
        let time = max(.milliseconds(1), time)
        do {
            return try entries(
                try await connection.replyBlocking(
                    to: command(count: count, block: time, lanes: Lane.allCases), block: time))
        } catch {
            throw StoreError(error)
        }
    }

    /// What a read that is ended was about to return is returned, so nothing is lost on the way.
    func unblock() async {
        guard let clientID else { return }
        _ = try? await store.send(RedisCommand("CLIENT", "UNBLOCK", String(clientID)))
    }

    func close() async { await connection.close() }

    private func command(count: Int, block: Duration?, lanes: [Lane]) -> RedisCommand {
        var command = RedisCommand("XREADGROUP", "GROUP", KeySpace.group, consumer, "COUNT")
        command.append(count)
        if let block {
            command.append("BLOCK")
            command.append(block.milliseconds)
        }
        command.append("STREAMS")
        for lane in lanes { command.append(store.keys.stream(queue.name, lane)) }
        for _ in lanes { command.append(">") }
        return command
    }

    /// Reads `[[stream, entries], …]`: null when there is nothing, and on some servers an empty list when woken for
    /// nothing.
    private func entries(_ reply: RedisReply) throws(RedisError) -> [Delivered] {
        let delivered: [Delivered]? = reply.read { cursor in
            guard let streams = cursor.array() else { return nil }
            var delivered: [Delivered] = []
            for _ in 0..<streams {
                guard cursor.array() == 2, let name = cursor.string(), let entries = cursor.array() else { return nil }
                let lane = Lane.allCases.first { name == store.keys.stream(queue.name, $0) } ?? .normal
                delivered.reserveCapacity(delivered.count + entries)
                for _ in 0..<entries {
                    if let entry = Delivered.read(&cursor, lane: lane, deliveries: 1) { delivered.append(entry) }
                }
            }
            return delivered
        }
        guard let delivered else { throw .unexpected(reply.value, of: "XREADGROUP") }
        return delivered
    }
}

extension RedisConnection {
    /// Sends commands on the wire together. The replies stand in their order.
    fileprivate func replies(to commands: [RedisCommand]) async -> [Result<RedisReply, RedisError>] {
        if commands.count == 1 { return [await result(of: commands[0])] }
        return await replies(together: commands, timeout: configuration.commandTimeout)
    }

    private func result(of command: RedisCommand) async -> Result<RedisReply, RedisError> {
        do throws(RedisError) { return .success(try await reply(to: command)) } catch { return .failure(error) }
    }
}
