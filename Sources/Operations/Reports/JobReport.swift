public import JobRuntime

/// An explanation as an operator reads it: what is the matter, what to do about it, and the particulars.
public struct JobReport {
    private let job: JobExplanation
    private let now: Moment

    public init(_ job: JobExplanation, now: Moment) {
        self.job = job
        self.now = now
    }

    public func text(_ palette: Palette = .plain) -> String {
        var lines = [palette.paint("\(job.id)", .bold), job.summary.printable]
        lines += advice.map { palette.paint("  \($0)", .notice) }
        let width = particulars.map(\.name.count).max() ?? 0
        if !particulars.isEmpty { lines.append("") }
        for (name, value) in particulars {
            let padding = String(repeating: " ", count: width - name.count + 2)
            lines.append(palette.paint(name, .dim) + padding + value.printable)
        }
        return lines.joined(separator: "\n")
    }

    /// The commands that help.
    var advice: [String] {
        guard let queue = job.queue.map(QueueName.short) else { return [] }
        var advice: [String] = []
        for obstacle in job.obstacles {
            switch obstacle {
            case .paused: advice.append("posthaste resume \(queue)")
            case .noWorker: advice.append("posthaste worker")
            case .noHandler: advice.append("posthaste workers --json   # which kinds each worker has handlers for")
            case .slotsBusy: advice.append("posthaste pending \(queue)   # who is busy, and with how much")
            }
        }
        if job.isWorkerAlive == false, let until = job.until, until > now {
            advice.append("posthaste reclaim \(queue)   # take it over at once")
        }
        if job.state == .unknown { advice.append("posthaste resolve \(job.id)   # it was sent: ends it as succeeded") }
        if let letter = job.deadLetter {
            advice.append(
                "posthaste dead redrive \(queue) \(letter)" + (job.state == .unknown ? "   # tries it again" : ""))
            if job.state == .unknown { advice.append("posthaste dead drop \(queue) \(letter)   # leaves it at that") }
        }
        return advice
    }

    private var particulars: [(name: String, value: String)] {
        var rows: [(String, String?)] = [
            ("queue", job.queue), ("lane", job.lane?.rawValue), ("kind", job.kind),
            ("attempt", job.attempt.map(String.init)), ("enqueued", job.enqueuedAt?.described(at: now)),
        ]
        rows += [
            (job.state == .running ? "since" : "last attempt ended", job.since?.described(at: now)),
            ("until", job.until?.described(at: now)), ("worker", job.consumer),
            ("deliveries", job.deliveries.map(String.init)), ("dead letter", job.deadLetter), ("result", job.result),
            ("reported", job.report.map { "\($0.name), \($0.at.described(at: now))" }),
        ]
        return rows.compactMap { name, value in value.map { (name, $0) } }
    }
}
