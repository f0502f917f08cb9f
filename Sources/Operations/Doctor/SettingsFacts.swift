/// What is to be known of the settings; no values.
public struct SettingsFacts: Sendable, Equatable {
    public var isInProduction = false
    /// What would stop a start.
    public var problems: [SettingsReport.Problem] = []
    public var unknown: [SettingsReport.Unknown] = []
    public var hasKeys = false
    public var hasPublicURL = false
    /// Whether `PUBLIC_URL` is https.
    public var isPublicURLSecure = true
    /// Providers that would tell what becomes of a message, and the variable without which that is not believed; nil:
    /// it is.
    public var callbacks: [(provider: String, missing: String?)] = []
    /// Variables whose passwords everybody knows.
    public var knownPasswords: [String] = []
    /// Variables with addresses of this machine, where vendors should be.
    public var localVendors: [String] = []
    /// Whether webhooks may go to this machine.
    public var allowsLoopback = false
    /// Channels without a provider.
    public var channelsWithout: [String] = []

    public init() {}

    public static func == (one: SettingsFacts, other: SettingsFacts) -> Bool { one.findings == other.findings }

    public var findings: [DoctorFinding] {
        var findings = problems.map { problem in
            DoctorFinding.error(
                about, "\(problem.variable) cannot be used, or is missing", why: "a process does not start with it",
                mend: "expected: \(problem.expected)")
        }
        findings += unknown.map { unknown in
            .warning(
                about, "\(unknown.name) (\(unknown.source)) is no setting", why: "it has no effect",
                mend: unknown.nearest.map { "call it \($0)" } ?? "take it out")
        }
        findings += access + providers
        if findings.isEmpty { findings.append(.ok(about, "all can be used")) }
        return findings
    }

    private var about: String { "settings" }

    private var access: [DoctorFinding] {
        var findings: [DoctorFinding] = []
        if !hasKeys, !isInProduction {
            findings.append(
                .warning(
                    about, "no API keys", why: "everybody who reaches the ingress can send",
                    mend: "posthaste keys new NAME, and put what it prints into API_KEYS"))
        }
        for variable in knownPasswords {
            let why = "everybody knows it"
            let isVendors = ["TWILIO_", "VONAGE_", "SENDGRID_"].contains { variable.hasPrefix($0) }
            let own =
                variable == "WEBHOOK_SECRET"
                ? #"printf 'whsec_%s\n' "$(openssl rand -base64 32)""# : "openssl rand -base64 32"
            let mend = isVendors ? "what the vendor's console shows" : "one of your own: \(own)"
            findings.append(
                isInProduction
                    ? .error(about, "\(variable) is one of the usual or of the examples", why: why, mend: mend)
                    : .warning(about, "\(variable) is one of the usual or of the examples", why: why, mend: mend))
        }
        if isInProduction, allowsLoopback {
            findings.append(
                .warning(
                    about, "WEBHOOK_ALLOW_CIDRS has this machine", why: "webhooks reach what listens here",
                    mend: "take 127.0.0.0/8 and ::1 out"))
        }
        return findings
    }

    private var providers: [DoctorFinding] {
        var findings: [DoctorFinding] = []
        if !callbacks.isEmpty, !hasPublicURL {
            findings.append(
                .warning(
                    about, "no PUBLIC_URL beside \(callbacks.map(\.provider).joined(separator: ", "))",
                    why: "they cannot tell whether a message was delivered",
                    mend: "PUBLIC_URL=https://, and the name at which the ingress is reached from outside"))
        }
        if isInProduction, hasPublicURL, !isPublicURLSecure {
            findings.append(
                .warning(
                    about, "PUBLIC_URL is not https", why: "callbacks with addresses travel in the clear",
                    mend: "a proxy with TLS before the ingress, and PUBLIC_URL=https://…"))
        }
        for case (let provider, let missing?) in callbacks where hasPublicURL {
            findings.append(
                .warning(
                    about, "no \(missing) beside \(provider)", why: "what it tells of messages is not believed",
                    mend: "\(missing)=, as the vendor's console shows it (docs/providers.md)"))
        }
        return findings + vendors
    }

    private var vendors: [DoctorFinding] {
        var findings: [DoctorFinding] = []
        if isInProduction {
            findings += localVendors.map { variable in
                .error(
                    about, "\(variable) is this machine", why: "messages go to a simulator and to nobody else",
                    mend: "take \(variable) out")
            }
        }
        if !channelsWithout.isEmpty {
            findings.append(
                .warning(
                    about, "no provider for \(channelsWithout.joined(separator: ", "))",
                    why: "these messages are taken in, and wait", mend: "docs/providers.md has what to set"))
        }
        return findings
    }
}
