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
                try await connection.sendBlocking(
                    command(count: count, block: time, lanes: Lane.allCases), block: time))
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
    private func entries(_ reply: RedisValue) throws(RedisError) -> [Delivered] {
        guard let streams = reply.array else { throw .unexpected(reply, of: "XREADGROUP") }
        var delivered: [Delivered] = []
        for stream in streams {
            guard let parts = stream.array, parts.count == 2, let name = parts[0].string, let entries = parts[1].array
            else { throw .unexpected(reply, of: "XREADGROUP") }
            let lane = Lane.allCases.first { name == store.keys.stream(queue.name, $0) } ?? .normal
            delivered += entries.compactMap { .read($0, lane: lane, deliveries: 1) }
        }
        return delivered
    }
}

extension RedisConnection {
    /// Sends commands on the wire together. The replies stand in their order.
    fileprivate func replies(to commands: [RedisCommand]) async -> [Result<RedisValue, RedisError>] {
        if commands.count == 1 { return [await reply(to: commands[0])] }
        return await withTaskGroup(of: (Int, Result<RedisValue, RedisError>).self) { group in
            for (index, command) in commands.enumerated() {
                group.addTask { (index, await self.reply(to: command)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func reply(to command: RedisCommand) async -> Result<RedisValue, RedisError> {
        do throws(RedisError) { return .success(try await send(command)) } catch { return .failure(error) }
    }
}
