import Synchronization

/// Where tasks leave commands for the event loop. Whoever puts one in first wakes the loop; everything that is put in
/// until it comes is written together.
final class Outbox: Sendable {
    private let commands = Mutex<[PendingCommand]>([])

    /// - Returns: whether the outbox was empty, so that the event loop must be woken.
    func put(_ command: PendingCommand) -> Bool {
        commands.withLock { commands in
            commands.append(command)
            return commands.count == 1
        }
    }

    func takeAll() -> [PendingCommand] {
        commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
