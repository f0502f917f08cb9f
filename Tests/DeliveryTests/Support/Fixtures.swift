import JobRuntime
import Logging
import Messaging
import Synchronization

@testable import Delivery

let accountSID = "AC0123456789abcdef0123456789abcdef"
let authToken = "f00df00df00df00df00df00df00df00d"
let apiKey = "SG.quite-a-secret-key"
let webhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/// What tests allow beside the public Internet: this machine, where their servers are.
let loopback = AddressRange(.v4(127 << 24), prefix: 8)

let sms = SMS(from: "+15005550006", to: "+15558675309", body: "Hello & welcome")

func attempt(
    job: JobID = JobID(), kind: String = SMS.kind, number: Int = 1, deliveries: Int = 1,
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
) -> Attempt {
    Attempt(
        job: job, kind: kind, queue: "message_queue:\(kind)", number: number, deliveries: deliveries,
        enqueuedAt: 1_700_000_000_000, consumer: "host-1-a", logger: logger)
}

/// Runs `body` with connections of its own and closes them after it.
func withHTTP<Result>(
    _ http: OutboundHTTP = OutboundHTTP(connectTimeout: .seconds(1)),
    _ body: (OutboundHTTP) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(http)
        try await http.shutdown()
        return result
    } catch {
        try? await http.shutdown()
        throw error
    }
}

/// Keeps what is logged.
final class LogBook: Sendable {
    private let entries = Mutex<[(Logger.Level, String)]>([])

    var warnings: [String] { entries.withLock { $0.filter { $0.0 == .warning }.map(\.1) } }

    var logger: Logger { Logger(label: "test", factory: { _ in Handler(book: self) }) }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            book.entries.withLock { $0.append((event.level, "\(event.message)")) }
        }
    }
}

extension Verdict {
    var error: String? { fault?.description }
}
