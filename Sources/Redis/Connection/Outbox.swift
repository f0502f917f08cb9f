import Synchronization

/// Where tasks leave commands for the event loop. Whoever puts one in first wakes the loop; everything that is put in
/// until it comes is written together.
final class Outbox: Sendable {
    private let commands = Mutex<[PendingCommand]>([])

    /// Puts commands in, one right after the other.
    ///
    /// - Returns: whether the outbox was empty, so that the event loop must be woken.
    func put(_ new: some Collection<PendingCommand>) -> Bool {
        commands.withLock { commands in
            defer { commands += new }
            return commands.isEmpty
        }
    }

    func takeAll() -> [PendingCommand] {
        commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }
}
