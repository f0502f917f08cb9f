import HTTPTypes
import Hummingbird
import JobRuntime
import Messaging
import NIOCore
import Synchronization

/// `GET /health`: whether the process lives. `GET /ready`: whether it can take messages in. `GET /openapi.yaml`: what
/// there is to ask for.
struct HealthRoutes: Sendable {
    let intake: any MessageIntake
    let settings: IngressSettings
    private let recent = Recent()

    init(intake: any MessageIntake, settings: IngressSettings) {
        self.intake = intake
        self.settings = settings
    }

    func add(to routes: Routes) {
        routes.on(.get, "/health", for: nil) { _, _ in Self.healthy() }
        routes.on(.get, "/ready", for: nil) { _, _ in Self.readiness(await recent.result(checkQueue)) }
        routes.on(.get, "/openapi.yaml", for: nil) { _, _ in Self.document }
    }

    private static let document = Response(
        status: .ok, headers: [.contentType: "application/yaml", .cacheControl: "max-age=300"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))

    private static func healthy() -> Response {
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.member("status", "healthy")
        writer.member("timestamp", time: .unixMilliseconds)
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    /// Has the queue write something, and for no longer than the settings say.
    private func checkQueue() async -> CheckResult {
        let limit = settings.readinessTimeout
        return await withTaskGroup(of: CheckResult?.self) { group in
            group.addTask {
                do {
                    let start = ContinuousClock.now
                    let full = try await intake.probe(Self.queues)
                    return .passed(start.duration(to: .now), full: full)
                } catch {
                    return .failed("\(error)")
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: limit)
                    return .failed("no answer within \(limit)")
                } catch {
                    return nil
                }
            }
            defer { group.cancelAll() }
            for await result in group {
                if let result { return result }
            }
            return .failed("the check was cancelled")
        }
    }

    private static let queues = Messaging.Channel.allCases.map(\.queue)

    /// While any channel takes messages it is ready: what is full is refused with a reason.
    private static func readiness(_ queue: CheckResult) -> Response {
        var writer = JSONWriter(capacity: 512)
        let isReady = queue.takesAny(of: queues)
        writer.beginObject()
        writer.member("status", isReady ? "ready" : "unavailable")
        writer.member("timestamp", time: .unixMilliseconds)
        writer.key("checks")
        writer.beginObject()
        writer.key("redis")
        queue.write(to: &writer)
        if case .passed(_, let full) = queue {
            for queue in queues {
                writer.key(text: queue.name)
                writer.beginObject()
                writer.member("status", full[queue] == nil ? "ok" : "failed")
                if let reason = full[queue] { writer.member("error", reason) }
                writer.endObject()
            }
        }
        writer.endObject()
        writer.endObject()
        return Response(
            status: isReady ? .ok : .serviceUnavailable, json: writer, headers: [.cacheControl: "no-store"])
    }
}

/// How the check of `/ready` went.
private enum CheckResult: Sendable {
    /// The queue takes jobs, but for those that are full, each with a reason.
    case passed(Duration, full: [JobQueue: String])
    case failed(String)

    func takesAny(of queues: [JobQueue]) -> Bool {
        switch self {
        case .passed(_, let full): queues.contains { full[$0] == nil }
        case .failed: false
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .passed(let duration, _):
            writer.member("status", "ok")
            writer.member("microseconds", Int64(duration / .microseconds(1)))
        case .failed(let error):
            writer.member("status", "failed")
            writer.member("error", error)
        }
        writer.endObject()
    }
}

/// The last check. Anybody may ask how things stand, and each check makes the queue write.
private final class Recent: Sendable {
    private static let life: Duration = .milliseconds(200)
    private let last = Mutex<(at: ContinuousClock.Instant, result: CheckResult)?>(nil)

    func result(_ check: () async -> CheckResult) async -> CheckResult {
        if let last = last.withLock({ $0 }), last.at > .now - Self.life { return last.result }
        let result = await check()
        last.withLock { $0 = (.now, result) }
        return result
    }
}
