import JobRuntime
import Logging
import Operations
import Redis
import ServiceLifecycle

/// Where a worker tells how it does (`WORKER_HOST`, `WORKER_PORT`).
struct StatusAddress: Equatable {
    static let standardPorts = 8081...8099
    static let mostPorts = 1000
    static let syntax = "a port, a range of ports such as 8081-8099 (\(mostPorts) at most), or off"

    var host: String
    var ports: ClosedRange<Int>

    /// `off` is nil.
    static func ports(_ text: String) -> ClosedRange<Int>?? {
        if text.lowercased() == "off" { return .some(nil) }
        let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let low = bounds[0], let high = bounds.count == 1 ? low : bounds[1], bounds.count <= 2, low <= high,
            low >= (bounds.count == 1 ? 0 : 1), high <= 65535, high - low < mostPorts
        else { return nil }
        return low...high
    }
}

extension Settings {
    /// nil: it tells nobody.
    func status() throws -> StatusAddress? {
        let host = reader.text("WORKER_HOST") ?? (environment == .production ? "0.0.0.0" : "127.0.0.1")
        let ports = try reader.value("WORKER_PORT", expected: StatusAddress.syntax, StatusAddress.ports)
        return (ports ?? StatusAddress.standardPorts).map { StatusAddress(host: host, ports: $0) }
    }

    /// How long a worker may be stuck before it ends itself (`WEDGE_EXIT_SECONDS`); nil: for ever.
    func wedgeExit() throws -> Duration? {
        let seconds = try reader.integer("WEDGE_EXIT_SECONDS", in: 0...86_400) ?? 120
        return seconds == 0 ? nil : .seconds(seconds)
    }

    /// What answers how the worker does.
    func statusServer(
        _ worker: Worker, _ watch: WedgeWatch, _ redis: RedisClient, _ metrics: PrometheusRegistry, _ logger: Logger
    ) throws -> [any Service] {
        guard let address = try status() else { return [] }
        let page = metricsPage(metrics, redis)
        let ping = RecentCheck {
            do throws(RedisError) {
                _ = try await redis.send(RedisCommand("PING"))
                return nil
            } catch {
                return "\(error)"
            }
        }
        let answers = StatusAnswers(
            health: { .health(of: watch.verdict, worker.facts) },
            ready: { .readiness(of: watch.verdict, worker.facts, redis: await ping.fault) },
            metrics: { await page.text() })
        return [StatusServer(host: address.host, ports: address.ports, answers: answers, logger: logger)]
    }
}
