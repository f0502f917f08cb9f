import Logging
import TestSupport

/// Keeps what is logged.
final class LogLines: Sendable {
    struct Line: Sendable {
        /// By its name, such as `warning`.
        let level: String
        let message: String
        let metadata: [String: String]
    }

    private let storage = Locked<[Line]>([])

    var all: [Line] { storage.value }

    func saying(_ message: String) -> [Line] { all.filter { $0.message.contains(message) } }

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
            let line = Line(
                level: event.level.rawValue, message: "\(event.message)",
                metadata: metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" })
            lines.storage.update { $0.append(line) }
        }
    }
}
