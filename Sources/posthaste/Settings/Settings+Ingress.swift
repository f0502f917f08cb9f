import Delivery
import Ingress
import JobRuntime
import Messaging

extension Settings {
    func ingress() throws -> IngressSettings {
        let address = try ingressAddress()
        var settings = IngressSettings(host: address.host, port: address.port)
        settings.connections = try connections()
        settings.allowedHosts = try allowedHosts()
        settings.trustedProxies = try trustedProxies()
        if let waits = try reader.value("SYNC_MESSAGE_PROCESSING", expected: "true or false", { Bool($0.lowercased()) })
        {
            settings.waitsForOutcome = waits
        }
        if let longest = try reader.integer("MAX_WAIT_SECONDS", in: 1...300) { settings.longestWait = longest }
        let log: AccessLogFormat = try reader.choice("ACCESS_LOG") ?? .json
        settings.logsAccess = log == .json
        if let most = try reader.integer("MAX_BODY_BYTES", in: 1 << 10...1 << 28) { settings.maximumBodySize = most }
        let least = settings.maximumBodySize
        settings.bodyMemory =
            try reader.integer("BODY_MEMORY_BYTES", in: least...1 << 40) ?? max(least, settings.bodyMemory)
        return settings
    }

    /// Where the ingress listens (`API_HOST`, `API_PORT`).
    func ingressAddress() throws -> (host: String, port: Int) {
        (reader.text("API_HOST") ?? "127.0.0.1", try reader.integer("API_PORT", in: 0...65535) ?? 8080)
    }

    private enum AccessLogFormat: String, CaseIterable { case json, off }

    private func connections() throws -> ConnectionLimits {
        var limits = ConnectionLimits()
        if let most = try reader.integer("MAX_CONNECTIONS", in: 1...1_000_000) { limits.maximum = most }
        func seconds(_ variable: String, from least: Int = 1, _ limit: inout Duration) throws {
            if let seconds = try reader.integer(variable, in: least...86_400) { limit = .seconds(seconds) }
        }
        try seconds("REQUEST_HEAD_TIMEOUT_SECONDS", &limits.headTimeout)
        try seconds("REQUEST_BODY_TIMEOUT_SECONDS", &limits.bodyTimeout)
        try seconds("KEEP_ALIVE_SECONDS", &limits.keepAlive)
        try seconds("RESPONSE_TIMEOUT_SECONDS", &limits.writeTimeout)
        try seconds("DRAIN_SECONDS", from: 0, &limits.drain)
        return limits
    }

    /// In production the ingress answers to names that were given to it, to that of `PUBLIC_URL` at least.
    private func allowedHosts() throws -> AllowedHosts {
        let expected = "names such as api.example.com, .example.com or *, separated by commas"
        if let hosts = try reader.value("ALLOWED_HOSTS", expected: expected, { AllowedHosts(parsing: $0) }) {
            return hosts
        }
        guard environment == .production else { return .all }
        guard let url = reader.text("PUBLIC_URL"), let hosts = AllowedHosts(ofURL: url) else {
            throw SettingError(variable: "ALLOWED_HOSTS", expected: "in production, \(expected); or a PUBLIC_URL")
        }
        return hosts
    }

    private func trustedProxies() throws -> TrustedProxies {
        let ranges = reader.text("TRUSTED_PROXIES")?.split { $0 == "," || $0 == " " } ?? []
        do {
            return TrustedProxies(try ranges.map { try AddressRange(parsing: String($0)) })
        } catch let error as SettingsError {
            throw SettingError(variable: "TRUSTED_PROXIES", expected: error.expected)
        }
    }

    /// When the ingress takes no more messages of a queue.
    func limits() throws -> QueueLimits {
        QueueLimits(
            maximumDepth: try reader.integer("QUEUE_MAX_DEPTH", in: 1...1_000_000_000),
            memory: try reader.value("REDIS_MEMORY_MARK", expected: QueueLimits.MemoryMark.syntax) {
                QueueLimits.MemoryMark($0)
            } ?? .share(0.9),
            maximumBacklog: try reader.integer("LEDGER_BACKLOG_MARK", in: 1...1_000_000_000))
    }

    /// What the providers' callbacks are verified with.
    func callbacks() throws -> CallbackSettings {
        CallbackSettings(
            publicURL: try reader.value("PUBLIC_URL", expected: "an address such as https://messages.example.com") {
                WebAddress.fault(in: $0) == nil && !$0.contains { $0 == "?" || $0 == "#" } ? $0 : nil
            },
            twilio: reader.text("TWILIO_AUTH_TOKEN").map { TwilioSignature(authToken: Secret($0)) },
            sendGrid: try reader.value(
                "SENDGRID_WEBHOOK_PUBLIC_KEY", expected: "the verification key of SendGrid's event webhook"
            ) { try? SendGridSignature(publicKey: $0) },
            vonage: try vonageSignature())
    }

    private func vonageSignature() throws -> VonageSignature? {
        let method: VonageSignature.Method = try reader.choice("VONAGE_SIGNATURE_METHOD") ?? .sha256
        return reader.text("VONAGE_SIGNATURE_SECRET").map { VonageSignature(secret: Secret($0), method: method) }
    }
}
