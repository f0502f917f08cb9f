import Operations
import Postgres
import Redis

extension SettingsSurvey {
    /// What nobody should have kept: the words that stand in manuals, and the values of `.env.example`.
    private static let knownPasswords: Set<String> = [
        "password", "passw0rd", "postgres", "redis", "secret", "changeme", "change-me", "admin", "root", "guest",
        "test",
        "default", "example", "messaging", "messaging_user", "messaging_password", "messaging_service", "development",
        "foobared", "123456", "SG.development", "token", "whsec_cG9zdGhhc3RlLWRldmVsb3BtZW50LWtleQ==",
    ]

    /// What `posthaste doctor` judges; no values.
    ///
    /// - Parameter settings: nil where they cannot be used.
    func facts(_ settings: Settings?) -> SettingsFacts {
        var facts = SettingsFacts()
        let report = report
        (facts.problems, facts.unknown) = (report.problems, report.unknown)
        facts.isInProduction = reader.text("ENVIRONMENT")?.lowercased() == "production"
        facts.hasKeys = reader.text("API_KEYS") != nil || reader.text("API_KEYS_FILE") != nil
        let url = reader.text("PUBLIC_URL")
        facts.hasPublicURL = url != nil
        facts.isPublicURLSecure = url?.lowercased().hasPrefix("https:") ?? true
        facts.callbacks = callbacks
        facts.knownPasswords = passwords(settings).filter { Self.knownPasswords.contains($0.value) }.map(\.variable)
        facts.localVendors = ["TWILIO_BASE_URL", "VONAGE_BASE_URL", "SENDGRID_BASE_URL"].filter { variable in
            reader.text(variable).map { Self.isThisMachine(Self.host(ofURL: $0)) } ?? false
        }
        facts.allowsLoopback =
            reader.text("WEBHOOK_ALLOW_CIDRS")?.split { $0 == "," || $0 == " " }
            .contains { $0.hasPrefix("127.") || $0.hasPrefix("0.0.0.0/") || $0.hasPrefix("::") } ?? false
        facts.channelsWithout = channelsWithout
        return facts
    }

    private func isSet(_ variable: String) -> Bool { reader.text(variable) != nil }

    private var callbacks: [(provider: String, missing: String?)] {
        var callbacks: [(provider: String, missing: String?)] = []
        if isSet("TWILIO_ACCOUNT_SID") { callbacks.append(("twilio", nil)) }
        if isSet("VONAGE_API_KEY") {
            callbacks.append(("vonage", isSet("VONAGE_SIGNATURE_SECRET") ? nil : "VONAGE_SIGNATURE_SECRET"))
        }
        if isSet("SENDGRID_API_KEY") {
            callbacks.append(
                ("sendgrid", isSet("SENDGRID_WEBHOOK_PUBLIC_KEY") ? nil : "SENDGRID_WEBHOOK_PUBLIC_KEY"))
        }
        return callbacks
    }

    private func passwords(_ settings: Settings?) -> [(variable: String, value: String)] {
        var passwords = ["TWILIO_AUTH_TOKEN", "VONAGE_API_SECRET", "VONAGE_SIGNATURE_SECRET", "SENDGRID_API_KEY"]
            .compactMap { variable in reader.text(variable).map { (variable, $0) } }
        passwords += (reader.text("WEBHOOK_SECRET") ?? "").split(separator: " ").map { ("WEBHOOK_SECRET", String($0)) }
        if let password = settings?.redis.password {
            passwords.append((isSet("REDIS_URL") ? "REDIS_URL" : "REDIS_PASSWORD", password))
        }
        if let password = try? settings?.postgres()?.password {
            passwords.append((isSet("DATABASE_URL") ? "DATABASE_URL" : "POSTGRES_PASSWORD", password))
        }
        return passwords
    }

    private var channelsWithout: [String] {
        var channels: [String] = []
        if !isSet("TWILIO_ACCOUNT_SID") { channels += isSet("VONAGE_API_KEY") ? ["mms"] : ["sms", "mms"] }
        if !isSet("SENDGRID_API_KEY"), !isSet("SMTP_URL") { channels.append("email") }
        if !isSet("WEBHOOK_SECRET") { channels.append("webhook") }
        return channels
    }

    private static func host(ofURL url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "" }
        let place = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        let authority = place.lastIndex(of: "@").map { place[place.index(after: $0)...] } ?? place
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    static func isThisMachine(_ host: String) -> Bool {
        host.hasPrefix("127.") || host == "::1" || host.lowercased() == "localhost"
    }
}
