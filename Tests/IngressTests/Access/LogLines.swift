import Logging
import TestSupport

/// Keeps what is logged, a line for each.
final class LogLines: Sendable {
    private let storage = Locked("")

    var text: String { storage.value }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = "\(event.level) \(event.message) \(event.metadata ?? [:])\n"
            lines.storage.update { $0 += line }
        }
    }
}
