public import JobRuntime

/// The pending report as an operator reads it: a line per queue, under it a line per consumer.
public struct PendingTable {
    private let queues: [QueuePending]

    public init(_ queues: [QueuePending]) { self.queues = queues }

    public func text(_ palette: Palette = .plain, width: Int? = nil) -> String {
        var table = TextTable(["QUEUE / CONSUMER", "DEPTH", "PENDING", "RETRYING", "DEAD", "IDLE", "DELIVERIES", ""])
        for queue in queues {
            table.add([
                .init(queue.queue), .count(queue.depth), .count(queue.pending), .count(queue.retrying),
                .count(queue.dead, .alarm), "", "", .init(Self.notes(queue)),
            ])
            for consumer in queue.consumers {
                table.add([
                    "  \(consumer.name)", "", .count(consumer.pending), "", "", .init(consumer.idle.map(ageText) ?? ""),
                    .init(consumer.deliveries.map(String.init) ?? ""),
                    consumer.isAlive ? "" : .init("no heartbeat", consumer.pending > 0 ? .alarm : .dim),
                ])
            }
        }
        return table.text(palette, width: width)
    }

    private static func notes(_ queue: QueuePending) -> String {
        var notes: [String] = []
        if let oldest = queue.oldestAge { notes.append("oldest \(ageText(oldest))") }
        if queue.handedBack > 0 { notes.append("\(queue.handedBack) handed back") }
        return notes.joined(separator: ", ")
    }
}
