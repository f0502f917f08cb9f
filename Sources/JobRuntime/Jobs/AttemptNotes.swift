import Synchronization
import Tracing

/// What becomes known of an attempt while it runs, for the worker to tell at its end.
final class AttemptNotes: Sendable {
    private struct Content {
        var facts: [(name: String, value: String)] = []
        var context: ServiceContext?
        var trace: [String: String]?
    }

    private let content = Mutex(Content())

    var facts: [(name: String, value: String)] { content.withLock(\.facts) }

    subscript(name: String) -> String? { facts.first { $0.name == name }?.value }

    func note(_ name: String, _ value: String) {
        content.withLock { content in
            if let index = content.facts.firstIndex(where: { $0.name == name }) {
                content.facts[index].value = value
            } else {
                content.facts.append((name, value))
            }
        }
    }

    /// The span that the attempt ran in, with the headers that say so; nil: it ran in none.
    var context: ServiceContext? { content.withLock(\.context) }
    var trace: [String: String]? { content.withLock(\.trace) }

    func enter(_ context: ServiceContext, _ trace: [String: String]) {
        content.withLock { ($0.context, $0.trace) = (context, trace) }
    }
}
