public import JobRuntime

/// Queues as an operator reads them: a line each, and a line for each lane where others than the normal one have jobs.
public struct QueueTable {
    private let queues: [QueueStatus]
    private let now: Moment

    public init(_ queues: [QueueStatus], now: Moment) {
        self.queues = queues
        self.now = now
    }

    public func text(_ palette: Palette = .plain, width: Int? = nil) -> String {
        lines(palette, width: width).joined(separator: "\n")
    }

    func lines(_ palette: Palette, width: Int?) -> [String] {
        var table = TextTable([
            "QUEUE", "DEPTH", "OLDEST", "PENDING", "SLOTS", "WORKERS", "RETRYING", "SCHEDULED", "NEXT DUE", "DEAD", "",
        ])
        for queue in queues {
            table.add([
                .init(queue.queue), .count(queue.depth), .init(queue.oldestWaiting.map(ageText) ?? ""),
                .count(queue.pending), .count(queue.slots), .count(queue.workers), .count(queue.retrying),
                .count(queue.scheduled), .init(due(queue)), .count(queue.dead, .alarm), Self.note(queue),
            ])
            let others = queue.lanes.filter { $0.lane != .normal && $0.depth + $0.pending > 0 }
            for lane in others.isEmpty ? [] : queue.lanes {
                table.add(
                    ["  \(lane.lane.rawValue)", .count(lane.depth), "", .count(lane.pending)]
                        + Array(repeating: "", count: 7))
            }
        }
        return table.lines(palette, width: width)
    }

    /// Until the first of the delayed jobs is due.
    private func due(_ queue: QueueStatus) -> String {
        guard let due = [queue.retryDue, queue.scheduledDue].compactMap(\.self).min() else { return "" }
        return ageText(max(0, due.milliseconds - now.milliseconds))
    }

    private static func note(_ queue: QueueStatus) -> TextTable.Cell {
        var notes: [String] = []
        if queue.isPaused { notes.append("paused") }
        let hasWork = queue.depth + queue.pending + queue.retrying + queue.scheduled > 0
        if queue.workers == 0 { notes.append("no worker") }
        if !queue.isTracked { notes.append("untracked") }
        let style: Style = queue.workers == 0 && hasWork ? .alarm : queue.isPaused ? .notice : .dim
        return .init(notes.joined(separator: ", "), style)
    }
}
