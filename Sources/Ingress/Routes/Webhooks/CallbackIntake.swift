import Delivery
import HTTPTypes
import Hummingbird
import JobRuntime
import Logging
import NIOCore
import Synchronization

/// Puts what providers call back with into its queue. Nothing is made of it here: the provider waits for the answer.
struct CallbackIntake: Sendable {
    static let longestBody = 2 << 20
    static let form = "application/x-www-form-urlencoded"

    let intake: any MessageIntake
    let settings: IngressSettings
    let logger: Logger
    private let told = Told()

    /// Which vendors' settings have been missed.
    private final class Told: Sendable {
        let value = Mutex<Set<String>>([])
    }

    init(intake: any MessageIntake, settings: IngressSettings, logger: Logger) {
        self.intake = intake
        self.settings = settings
        self.logger = logger
    }

    func body(of request: Request, _ context: IngressContext) async throws -> ByteBuffer {
        try await RequestDocument.body(of: request, context, limit: Self.longestBody)
    }

    /// - Parameter token: the same for each repetition of one callback, where the provider sends such a thing.
    func enqueue(
        _ vendor: Vendor, message: JobID? = nil, contentType: String?, body: String, token: String? = nil
    ) async throws {
        let callback = ProviderCallback(
            vendor: vendor, messageID: message, contentType: contentType ?? "", body: body,
            receivedAt: .unixMilliseconds)
        // A day is longer than any provider goes on trying. A token becomes part of a key: a long one is none.
        let unique = token.flatMap { token in
            (1...128).contains(token.utf8.count)
                ? NewJob.Unique("\(vendor.rawValue):\(token)", for: .seconds(86_400)) : nil
        }
        let job = try NewJob(callback, queue: JobQueue(ProviderCallback.queueName), unique: unique)
        do throws(EnqueueError) {
            _ = try await intake.enqueue(job)
        } catch {
            logger.debug(
                "callback refused: queue unavailable",
                metadata: ["vendor": "\(vendor.rawValue)", "reason": "\(error)"])
            throw Problem.callbackNotAccepted(retryAfter: settings.retryAfterSeconds)
        }
    }

    /// Why a path is not there, which is for the operator alone to know.
    func notConfigured(_ vendor: Vendor, missing variables: String) -> Problem {
        // Anybody may ask: it is told once.
        let isNew = told.value.withLock { $0.insert(vendor.rawValue).inserted }
        logger.log(
            level: isNew ? .notice : .debug, "callback not taken: its settings are missing",
            metadata: ["vendor": "\(vendor.rawValue)", "missing": "\(variables)"])
        return .noRoute
    }
}

extension Request {
    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
}

extension String {
    /// Of a content type: in lower case, without parameters.
    var mediaType: String { prefix { $0 != ";" }.lowercased().filter { $0 != " " } }
}
