import Delivery
import JobRuntime
import Messaging

/// Who delivers text messages, as `SMS_PROVIDERS` names them.
enum TextProvider: String, CaseIterable { case twilio, vonage }

/// How to find out whether a provider lets us in, and the variables that decide it.
struct ProviderCheck: Sendable {
    let name: String
    let variables: String
    let standing: @Sendable () async -> ProviderStanding

    init(_ name: String, _ variables: String, _ standing: @escaping @Sendable () async -> ProviderStanding) {
        self.name = name
        self.variables = variables
        self.standing = standing
    }
}

/// Who delivers mail, as `EMAIL_PROVIDERS` names them.
enum MailProvider: String, CaseIterable { case sendgrid, smtp }

extension Settings {
    /// The providers of all channels, each in the order in which they are tried.
    ///
    /// - Parameter mail: makes the connections to the mail server, which the caller closes.
    func delivery(_ http: OutboundHTTP, mail: (SMTPSettings) -> MailTransport) throws -> DeliveryHandlers {
        var delivery = DeliveryHandlers()
        for provider in try providers("SMS_PROVIDERS", isConfigured: isConfigured) as [TextProvider] {
            try add(provider, to: &delivery, http)
        }
        for provider in try providers("EMAIL_PROVIDERS", isConfigured: isConfigured) as [MailProvider] {
            try add(provider, to: &delivery, http, mail)
        }
        if let settings = try webhook() {
            delivery.webhook = [
                Route(
                    WebhookProvider(http: http, settings: settings),
                    sharing: try worker().slots(of: JobQueue(Channel.webhook.queueName)))
            ]
        }
        delivery.inboundURL = try reader.value("INBOUND_WEBHOOK_URL", expected: "an http or https address") { text in
            WebAddress.fault(in: text) == nil ? text : nil
        }
        let expected = "numbers or addresses, each once and with its tenant: +15551234567=acme,+15557654321=beta"
        delivery.inboundTenants =
            try reader.value("INBOUND_TENANTS", expected: expected, Self.tenants) ?? [:]
        return delivery
    }

    /// - Returns: tenants by address; nil where it is no such list.
    private static func tenants(_ text: String) -> [String: String]? {
        var tenants: [String: String] = [:]
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = entry.split(separator: "=", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
            // What comes in is to a number in E.164 form, or to a short code.
            guard words.count == 2, !words[1].isEmpty, !words[0].isEmpty,
                words[0].first != "+" || PhoneNumber.fault(in: words[0]) == nil,
                tenants.updateValue(words[1], forKey: words[0]) == nil
            else { return nil }
        }
        return tenants
    }

    /// Those that a variable names, in its order; without it those that have settings. One that is named and has none
    /// is an error: messages would go another way than was wanted.
    private func providers<Provider: RawRepresentable<String> & CaseIterable>(
        _ variable: String, isConfigured: (Provider) -> Bool
    ) throws -> [Provider] {
        guard let text = reader.text(variable) else { return Provider.allCases.filter(isConfigured) }
        let names = Provider.allCases.map(\.rawValue).joined(separator: ", ")
        var chosen: Set<String> = []
        return try text.split(separator: ",").map { word in
            let name = word.filter { $0 != " " }.lowercased()
            guard let provider = Provider(rawValue: name) else {
                throw SettingError(variable: variable, expected: "names of \(names), separated by commas")
            }
            guard isConfigured(provider) else {
                throw SettingError(variable: variable, expected: "\(name) only with its settings (see the README)")
            }
            guard chosen.insert(name).inserted else {
                throw SettingError(variable: variable, expected: "each name once")
            }
            return provider
        }
    }

    private func isConfigured(_ provider: TextProvider) -> Bool {
        switch provider {
        case .twilio: reader.text("TWILIO_ACCOUNT_SID") != nil
        case .vonage: reader.text("VONAGE_API_KEY") != nil
        }
    }

    private func isConfigured(_ provider: MailProvider) -> Bool {
        switch provider {
        case .sendgrid: reader.text("SENDGRID_API_KEY") != nil
        case .smtp: reader.text("SMTP_URL") != nil
        }
    }

    private func add(_ provider: TextProvider, to delivery: inout DeliveryHandlers, _ http: OutboundHTTP) throws {
        switch provider {
        case .twilio:
            let (settings, rates) = (try twilio(), try rates("TWILIO"))
            delivery.sms.append(Route(try TwilioProvider<SMS>(http: http, settings: settings), rates: rates))
            delivery.mms.append(Route(try TwilioProvider<MMS>(http: http, settings: settings), rates: rates))
        case .vonage:
            delivery.sms.append(
                Route(try VonageProvider(http: http, settings: vonage()), rates: try rates("VONAGE")))
        }
    }

    private func add(
        _ provider: MailProvider, to delivery: inout DeliveryHandlers, _ http: OutboundHTTP,
        _ mail: (SMTPSettings) -> MailTransport
    ) throws {
        switch provider {
        case .sendgrid:
            delivery.email.append(
                Route(try SendGridProvider(http: http, settings: sendGrid()), rates: try rates("SENDGRID")))
        case .smtp:
            let (settings, rates) = (try smtp(), try rates("SMTP"))
            delivery.email.append(Route(SMTPProvider(transport: mail(settings)), rates: rates))
        }
    }

    /// `<PROVIDER>_SENDER_RATES`.
    private func rates(_ provider: String) throws -> SenderRates? {
        let variable = "\(provider)_SENDER_RATES"
        return try reader.text(variable).map { text in
            try naming(["rates": variable]) { try SenderRates(parsing: text) }
        }
    }

    /// How to find out whether each provider lets us in.
    func providerChecks(_ http: OutboundHTTP) throws -> [ProviderCheck] {
        var checks: [ProviderCheck] = []
        for provider in try providers("SMS_PROVIDERS", isConfigured: isConfigured) as [TextProvider] {
            switch provider {
            case .twilio:
                let twilio = try twilio()
                checks.append(.init("twilio", "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN") { await twilio.standing(http) })
            case .vonage:
                let vonage = try vonage()
                checks.append(.init("vonage", "VONAGE_API_KEY, VONAGE_API_SECRET") { await vonage.standing(http) })
            }
        }
        for provider in try providers("EMAIL_PROVIDERS", isConfigured: isConfigured) as [MailProvider] {
            switch provider {
            case .sendgrid:
                let sendGrid = try sendGrid()
                checks.append(.init("sendgrid", "SENDGRID_API_KEY") { await sendGrid.standing(http) })
            case .smtp:
                let smtp = try smtp()
                checks.append(.init("smtp", "SMTP_URL") { await smtp.standing() })
            }
        }
        return checks
    }

    private func required(_ variable: String, beside other: String) throws -> String {
        guard let text = reader.text(variable) else {
            throw SettingError(variable: variable, expected: "a value beside \(other)")
        }
        return text
    }

    private func twilio() throws -> TwilioSettings {
        try naming(["accountSID": "TWILIO_ACCOUNT_SID", "baseURL": "TWILIO_BASE_URL", "publicURL": "PUBLIC_URL"]) {
            try TwilioSettings(
                accountSID: required("TWILIO_ACCOUNT_SID", beside: "SMS_PROVIDERS"),
                authToken: Secret(required("TWILIO_AUTH_TOKEN", beside: "TWILIO_ACCOUNT_SID")),
                baseURL: reader.text("TWILIO_BASE_URL") ?? "https://api.twilio.com",
                publicURL: reader.text("PUBLIC_URL"))
        }
    }

    private func vonage() throws -> VonageSettings {
        let variables = [
            "apiKey": "VONAGE_API_KEY", "apiSecret": "VONAGE_API_SECRET", "baseURL": "VONAGE_BASE_URL",
            "publicURL": "PUBLIC_URL",
        ]
        return try naming(variables) {
            try VonageSettings(
                apiKey: required("VONAGE_API_KEY", beside: "SMS_PROVIDERS"),
                apiSecret: Secret(required("VONAGE_API_SECRET", beside: "VONAGE_API_KEY")),
                baseURL: reader.text("VONAGE_BASE_URL") ?? "https://rest.nexmo.com",
                signatureSecret: reader.text("VONAGE_SIGNATURE_SECRET").map { Secret($0) },
                signatureMethod: try reader.choice("VONAGE_SIGNATURE_METHOD") ?? .sha256,
                publicURL: reader.text("PUBLIC_URL"))
        }
    }

    private func smtp() throws -> SMTPSettings {
        let connections = try reader.integer("SMTP_CONNECTIONS", in: 1...1000) ?? 10
        return try naming(["url": "SMTP_URL", "connections": "SMTP_CONNECTIONS"]) {
            try SMTPSettings(url: Secret(required("SMTP_URL", beside: "EMAIL_PROVIDERS")), connections: connections)
        }
    }

    private func sendGrid() throws -> SendGridSettings {
        try naming(["apiKey": "SENDGRID_API_KEY", "baseURL": "SENDGRID_BASE_URL"]) {
            try SendGridSettings(
                apiKey: Secret(required("SENDGRID_API_KEY", beside: "EMAIL_PROVIDERS")),
                baseURL: reader.text("SENDGRID_BASE_URL") ?? "https://api.sendgrid.com")
        }
    }

    /// Several secrets, separated by spaces, sign side by side while one takes the other's place.
    private func webhook() throws -> WebhookSettings? {
        guard let secrets = reader.text("WEBHOOK_SECRET") else { return nil }
        let ranges = reader.text("WEBHOOK_ALLOW_CIDRS")?.split { $0 == "," || $0 == " " } ?? []
        return try naming(["secrets": "WEBHOOK_SECRET", "allowed": "WEBHOOK_ALLOW_CIDRS"]) {
            try WebhookSettings(
                secrets: secrets.split(separator: " ").map { Secret(String($0)) },
                allowed: ranges.map { try AddressRange(parsing: String($0)) })
        }
    }

    /// Says which variable a provider's setting came from.
    private func naming<Value>(_ variables: [String: String], _ make: () throws -> Value) throws -> Value {
        do {
            return try make()
        } catch let error as SettingsError {
            throw SettingError(variable: variables[error.setting] ?? error.setting, expected: error.expected)
        }
    }
}
