/// The parts of a mail/send body that are looked at; what else there is passes.
struct Mail: Sendable, Decodable {
    struct Address: Sendable, Decodable {
        var email: String?
        var name: String?
    }

    struct Personalization: Sendable, Decodable {
        var to: [Address]?
        var cc: [Address]?
        var bcc: [Address]?
        var subject: String?
        var customArguments: [String: String]?

        var recipients: [Address] { (to ?? []) + (cc ?? []) + (bcc ?? []) }

        enum CodingKeys: String, CodingKey {
            case to, cc, bcc, subject
            case customArguments = "custom_args"
        }
    }

    struct Content: Sendable, Decodable {
        var type: String?
        var value: String?
    }

    struct Attachment: Sendable, Decodable {
        var content: String?
        var filename: String?
    }

    struct Settings: Sendable, Decodable {
        struct Switch: Sendable, Decodable {
            var enable: Bool?
        }

        var sandboxMode: Switch?

        enum CodingKeys: String, CodingKey {
            case sandboxMode = "sandbox_mode"
        }
    }

    var personalizations: [Personalization]?
    var from: Address?
    var subject: String?
    var content: [Content]?
    var attachments: [Attachment]?
    var categories: [String]?
    var customArguments: [String: String]?
    var templateID: String?
    var settings: Settings?

    enum CodingKeys: String, CodingKey {
        case personalizations, from, subject, content, attachments, categories
        case customArguments = "custom_args"
        case templateID = "template_id"
        case settings = "mail_settings"
    }

    /// Sandbox mode checks a mail and does not send it.
    var isSandboxed: Bool { settings?.sandboxMode?.enable ?? false }

    var arrival: Arrival {
        let recipients = (personalizations ?? []).flatMap { $0.to ?? [] }.compactMap(\.email)
        let html = content?.first { $0.type == "text/html" }?.value
        return Arrival(
            provider: .sendgrid, to: recipients.joined(separator: ", "), from: from?.email,
            subject: subject ?? personalizations?.first?.subject,
            body: content?.first { $0.type != "text/html" }?.value ?? "", html: html,
            media: (attachments ?? []).compactMap(\.filename))
    }
}
