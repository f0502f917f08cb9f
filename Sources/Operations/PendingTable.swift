public import JobRuntime

/// The pending report as an operator reads it: a line per queue, under it a line per consumer.
public struct PendingTable: CustomStringConvertible {
    private let queues: [QueuePending]

    public init(_ queues: [QueuePending]) { self.queues = queues }

    public var description: String {
        var table = TextTable(["QUEUE / CONSUMER", "DEPTH", "PENDING", "RETRYING", "DEAD", "IDLE", "DELIVERIES", ""])
        for queue in queues {
            table.add([
                queue.queue, "\(queue.depth)", "\(queue.pending)", "\(queue.retrying)", "\(queue.dead)",
                "", "", queue.oldestAge.map { "oldest \(age($0))" } ?? "",
            ])
            for consumer in queue.consumers {
                table.add([
                    "  " + consumer.name, "", "\(consumer.pending)", "", "", consumer.idle.map(age) ?? "",
                    consumer.deliveries.map(String.init) ?? "", consumer.isAlive ? "" : "no heartbeat",
                ])
            }
        }
        return table.description
    }
}

/// Milliseconds as one reads them: 40 ms, 3.2 s, 5 min, 2 h.
func age(_ milliseconds: Int64) -> String {
    switch milliseconds {
    case ..<1000: "\(milliseconds) ms"
    case ..<60_000: "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    case ..<3_600_000: "\(milliseconds / 60_000) min"
    default: "\(milliseconds / 3_600_000) h"
    }
}
