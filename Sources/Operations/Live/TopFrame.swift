import JobRuntime

/// What `top` shows at a moment. Pure.
public struct TopFrame: Sendable {
    private let server: String
    private let sample: TopSample
    private let throughput: Throughput
    /// Why what is shown is not of now.
    private let trouble: String?

    public init(_ sample: TopSample, of server: String, _ throughput: Throughput, trouble: String? = nil) {
        self.sample = sample
        self.server = server
        self.throughput = throughput
        self.trouble = trouble
    }

    /// - Parameters:
    ///   - width: where lines are cut off; nil: nowhere.
    ///   - height: how many lines there may be; nil: as many as there are.
    public func lines(_ palette: Palette = .plain, width: Int? = nil, height: Int? = nil) -> [String] {
        var lines = [headline(palette, width)]
        lines.append(trouble.map { line("! \($0)", .alarm, palette, width) } ?? "")
        lines += QueueTable(sample.queues, now: sample.at).lines(palette, width: width)
        lines.append("")
        lines +=
            sample.workers.isEmpty
            ? [line("No worker is alive.", .alarm, palette, width)]
            : WorkerTable(sample.workers, now: sample.at, rates: throughput.rates).lines(palette, width: width)
        guard let height, lines.count > height, height > 1 else { return lines }
        return lines.prefix(height - 1) + [line("… \(lines.count - height + 1) more lines", .dim, palette, width)]
    }

    private func headline(_ palette: Palette, _ width: Int?) -> String {
        let alive = sample.workers.count(where: \.isAlive)
        var pieces = ["\(sample.at)", server, alive == 1 ? "1 worker" : "\(alive) workers"]
        if let total = throughput.total {
            pieces += ["\(Throughput.text(total.done)) done/s", "\(Throughput.text(total.failed)) failed/s"]
        }
        var line = Line(palette, width: width)
        line.add("posthaste", .bold)
        line.add("  " + pieces.joined(separator: "  "))
        return line.text
    }

    private func line(_ text: String, _ style: Style, _ palette: Palette, _ width: Int?) -> String {
        var line = Line(palette, width: width)
        line.add(text.printable, style)
        return line.text
    }
}
