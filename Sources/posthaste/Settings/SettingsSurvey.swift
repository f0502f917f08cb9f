import Delivery
import Logging
import Operations
import Redis

/// All settings as they are in effect, and what is wrong with them.
struct SettingsSurvey {
    enum Part: String, CaseIterable { case ingress, worker }

    let reader: SettingsReader
    /// What would stop a start, each by the name of its variable.
    let problems: [SettingError]

    /// - Parameter part: whose start; nil: of any process.
    init(_ reader: SettingsReader, of part: Part? = nil) async {
        self.reader = reader
        var found: [SettingError] = []
        let http = OutboundHTTP()
        for (whose, read) in Self.reads(http) where part == nil || whose == nil || whose == part {
            // Each stops at its first problem; without that one it comes to the next.
            var reader = reader
            while let problem = Self.problem(reader, read), !reader.ignored.contains(problem.variable) {
                if !found.contains(problem) { found.append(problem) }
                reader.ignored.insert(problem.variable)
            }
        }
        try? await http.shutdown()
        problems = found
    }

    private static func problem(_ reader: SettingsReader, _ read: (Settings) throws -> Void) -> SettingError? {
        do {
            try read(Settings(reader))
            return nil
        } catch let error as SettingError {
            return error
        } catch {
            return SettingError(variable: "?", expected: "\(error)")
        }
    }

    /// What the commands read, and whose start it stops; nil: everybody's.
    private static func reads(_ http: OutboundHTTP) -> [(Part?, (Settings) throws -> Void)] {
        let logger = Logger(label: "posthaste.config") { _ in SwiftLogNoOpLogHandler() }
        func redis(_ settings: Settings) -> RedisClient { RedisClient(settings.redis, logger: logger) }
        return [
            (nil, { _ = try $0.logger("") }), (nil, { _ = try $0.postgres() }), (nil, { _ = try $0.durability }),
            (nil, { _ = try $0.store(redis($0)) }), (nil, { _ = try $0.limits() }),
            (nil, { _ = try $0.traceSettings("posthaste") }),
            (.ingress, { _ = try $0.ingress() }), (.ingress, { _ = try $0.callbacks() }),
            (.ingress, { _ = try $0.access(host: $0.ingressAddress().host, redis($0), logger) }),
            (.worker, { _ = try $0.worker() }), (.worker, { _ = try $0.status() }),
            (.worker, { _ = try $0.wedgeExit() }), (.worker, { _ = try $0.delivery(http) { MailTransport($0) } }),
            (.worker, { _ = try $0.auditInterval() }), (.worker, { _ = try $0.housekeeping(logger) }),
            (.worker, { _ = try $0.outbox($0.store(redis($0)), logger) }),
        ]
    }

    var report: SettingsReport {
        let isInProduction = reader.text("ENVIRONMENT")?.lowercased() == "production"
        return SettingsReport(
            settings: Setting.all.map { row($0, isInProduction) },
            problems: problems.map { .init(variable: $0.variable, expected: $0.expected) },
            unknown: reader.unknownVariables().map {
                .init(name: $0.name, source: $0.source.text, nearest: Setting.nearest(to: $0.name))
            })
    }

    private func row(_ setting: Setting, _ isInProduction: Bool) -> SettingsReport.Row {
        let isUsable = !problems.contains { $0.variable == setting.name }
        if let text = reader.text(setting.name) {
            // What cannot be used may be a secret that got into the wrong line.
            return .init(
                name: setting.name, value: isUsable ? setting.shown(text) : nil,
                source: reader.source(of: setting.name)?.text ?? "", isUsable: isUsable)
        }
        return .init(
            name: setting.name, value: standard(of: setting, isInProduction), source: "default", isUsable: isUsable)
    }

    /// Some go by others.
    private func standard(of setting: Setting, _ isInProduction: Bool) -> String? {
        switch setting.name {
        case "WORKER_HOST": isInProduction ? "0.0.0.0" : "127.0.0.1"
        case "LOG_LEVEL": reader.text("DEBUG")?.lowercased() == "true" ? "debug" : setting.standard
        case "LEDGER_ENABLED": (try? Settings(reader).keepsLedger).map { "\($0)" }
        case let name where name.hasPrefix("WORKER_CONCURRENCY_"):
            reader.text("WORKER_CONCURRENCY") ?? Setting.named("WORKER_CONCURRENCY")?.standard
        default: setting.standard
        }
    }
}
