public import JobRuntime

/// Workers as an operator reads them: a line each.
public struct WorkerTable {
    private let workers: [WorkerStatus]
    private let now: Moment
    private let rates: [String: Throughput.Rate]?

    public init(_ workers: [WorkerStatus], now: Moment) {
        self.init(workers, now: now, rates: nil)
    }

    /// - Parameter rates: by worker, where they are known.
    init(_ workers: [WorkerStatus], now: Moment, rates: [String: Throughput.Rate]?) {
        self.workers = workers
        self.now = now
        self.rates = rates
    }

    public func text(_ palette: Palette = .plain, width: Int? = nil) -> String {
        lines(palette, width: width).joined(separator: "\n")
    }

    func lines(_ palette: Palette, width: Int?) -> [String] {
        var table = TextTable(
            ["WORKER", "UP", "SEEN", "PENDING", "SLOTS", "DONE", "FAILED", rates == nil ? "" : "PER S", "LONGEST", ""])
        for worker in workers { table.add(row(worker)) }
        return table.lines(palette, width: width)
    }

    private func row(_ worker: WorkerStatus) -> [TextTable.Cell] {
        guard worker.isAlive else {
            return [
                .init(worker.consumer), "", "", .count(worker.pending, .alarm), "", "", "", "", "",
                .init("no heartbeat", .alarm),
            ]
        }
        return [
            .init(worker.consumer), .init(age(worker.startedAt)), .init(age(worker.seenAt)), .count(worker.pending),
            .count(worker.slots), .count(worker.done), .count(worker.failed),
            .init(rates?[worker.consumer].map { Throughput.text($0.done) } ?? ""),
            .init(age(worker.longest.first?.since)), .init(Self.note(worker)),
        ]
    }

    private func age(_ moment: Moment?) -> String {
        moment.map { ageText(max(0, now.milliseconds - $0.milliseconds)) } ?? ""
    }

    private static func note(_ worker: WorkerStatus) -> String {
        let queues = worker.queues.map { QueueName.short($0.queue) }.joined(separator: " ")
        return worker.abandoned == 0 ? queues : "\(queues), \(worker.abandoned) given up and still running"
    }
}
