import HTTPTypes
import Hummingbird
import JobRuntime
import Messaging

/// `GET /health`: whether the process lives. `GET /ready`: whether it can take messages in.
struct HealthRoutes: Sendable {
    let intake: any MessageIntake
    let settings: IngressSettings

    func add(to routes: Routes) {
        routes.on(.get, "/health", for: nil) { _, _ in Self.healthy() }
        routes.on(.get, "/ready", for: nil) { _, _ in Self.readiness(await checkQueue()) }
    }

    private static func healthy() -> Response {
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.member("status", "healthy")
        writer.member("timestamp", time: .unixMilliseconds)
        writer.endObject()
        return Response(status: .ok, json: writer, headers: [.cacheControl: "no-store"])
    }

    /// Asks the queue for a sign of life, and for no longer than the settings say.
    private func checkQueue() async -> CheckResult {
        let limit = settings.readinessTimeout
        return await withTaskGroup(of: CheckResult?.self) { group in
            group.addTask {
                do {
                    let start = ContinuousClock.now
                    try await intake.ping()
                    return .passed(start.duration(to: .now))
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

    private static func readiness(_ queue: CheckResult) -> Response {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("status", queue.isPassed ? "ready" : "unavailable")
        writer.member("timestamp", time: .unixMilliseconds)
        writer.key("checks")
        writer.beginObject()
        writer.key("redis")
        queue.write(to: &writer)
        writer.endObject()
        writer.endObject()
        return Response(
            status: queue.isPassed ? .ok : .serviceUnavailable, json: writer, headers: [.cacheControl: "no-store"])
    }
}

/// How one check of `/ready` went.
private enum CheckResult: Sendable {
    case passed(Duration)
    case failed(String)

    var isPassed: Bool {
        switch self {
        case .passed: true
        case .failed: false
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .passed(let duration):
            writer.member("status", "ok")
            writer.member("microseconds", Int64(duration / .microseconds(1)))
        case .failed(let error):
            writer.member("status", "failed")
            writer.member("error", error)
        }
        writer.endObject()
    }
}
