import JobRuntime

/// Gauges that are gathered at the moment they are asked for, in Prometheus's text format.
struct GaugePage: Sendable {
    private struct Family {
        var name: String
        var lines = ""
    }

    /// In the order in which they were begun.
    private var families: [Family] = []

    init(version: String) { gauge("posthaste_info", 1, [("version", version)]) }

    mutating func gauge(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
        let index = families.firstIndex { $0.name == name } ?? families.count
        if index == families.count { families.append(Family(name: name)) }
        PrometheusText.line(
            name, PrometheusText.labels(labels), PrometheusText.number(value), to: &families[index].lines)
    }

    var text: String {
        var text = ""
        for family in families {
            PrometheusText.head(family.name, "gauge", MetricHelp.texts[family.name], to: &text)
            text += family.lines
        }
        return text
    }
}

extension GaugePage {
    /// Asks Redis for everything at once. What it does not let us see is left out.
    mutating func fill(from inspector: QueueInspector, _ queues: [String]) async throws {
        async let memory = inspector.memory()
        async let backlog = inspector.eventBacklog()
        for queue in try await inspector.queues(first: queues) { show(queue) }
        gauge("redis_up", 1)
        if let backlog = try? await backlog { show(backlog) }
        if let memory = try? await memory { show(memory) }
    }

    mutating func show(_ queue: QueueStatus) {
        func show(_ name: String, _ value: Double, _ more: [(String, String)] = []) {
            gauge(name, value, [("queue", queue.queue)] + more)
        }
        show("queue_depth", Double(queue.depth))
        show("queue_pending", Double(queue.pending))
        show("queue_oldest_age_seconds", Double(queue.oldestWaiting ?? 0) / 1000)
        show("queue_delayed", Double(queue.retrying), [("set", "retry")])
        show("queue_delayed", Double(queue.scheduled), [("set", "scheduled")])
        show("queue_dead", Double(queue.dead))
        show("queue_paused", queue.isPaused ? 1 : 0)
        show("queue_workers", Double(queue.workers))
        show("queue_slots", Double(queue.slots))
    }

    mutating func show(_ backlog: EventBacklog) {
        gauge("ledger_backlog_events", Double(backlog.length))
        gauge("ledger_lag_seconds", Double(backlog.oldestAge ?? 0) / 1000)
    }

    mutating func show(_ memory: ServerMemory) {
        gauge("redis_memory_used_bytes", Double(memory.used))
        gauge("redis_memory_max_bytes", Double(memory.most))
    }
}
