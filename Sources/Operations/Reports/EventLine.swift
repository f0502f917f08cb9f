public import JobRuntime

/// One event on one line.
public struct EventLine {
    private let event: JobEvent

    public init(_ event: JobEvent) { self.event = event }

    public func text(_ palette: Palette = .plain) -> String {
        var line = Line(palette, width: nil)
        // The time of the day, of 2026-02-28T23:59:59.042Z.
        line.add(event.at.description.dropFirst(11) + "  ", .dim)
        line.add(padded(event.type, 9), Self.style(event.type))
        line.add("  \(padded(QueueName.short(event.queue), 7))  \(event.id)")
        for piece in pieces { line.add("  " + piece.printable) }
        return line.text
    }

    private var pieces: [String] {
        var pieces: [String] = []
        if let name = event.name { pieces.append(name) }
        if !["accepted", "redriven", "reported"].contains(event.type) { pieces.append("attempt \(event.attempt)") }
        if let lane = event.lane, lane != .normal { pieces.append("lane \(lane.rawValue)") }
        if let deliveries = event.deliveries, deliveries > 1 { pieces.append("delivery \(deliveries)") }
        if let elapsed = event.elapsed { pieces.append("took \(ageText(elapsed))") }
        if let due = event.due { pieces.append("due in \(ageText(max(0, due.milliseconds - event.at.milliseconds)))") }
        if let reason = event.reason { pieces.append(reason) }
        if let error = event.error { pieces.append(error) }
        return pieces
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text.printable + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func style(_ type: String) -> Style {
        switch type {
        case "dead", "unknown", "dropped": .alarm
        case "retrying", "snoozed", "parked", "expired", "canceled", "discarded": .notice
        default: .plain
        }
    }
}
