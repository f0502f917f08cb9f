import JobRuntime
import Messaging

@testable import Delivery

let mail = Email(
    from: "shop@example.com", to: "ann@example.org", subject: "Your order", body: "Thanks.", html: "<p>Thanks.</p>")

extension Email {
    func to(_ recipient: String) -> Email {
        var mail = self
        mail.to = recipient
        return mail
    }

    func from(_ sender: String) -> Email {
        var mail = self
        mail.from = sender
        return mail
    }
}

/// Runs `body` with a provider of its own, and closes its connections after it.
func withSMTP<Result>(_ settings: SMTPSettings, _ body: (SMTPProvider) async throws -> Result) async throws -> Result {
    let transport = MailTransport(settings)
    do {
        let result = try await body(SMTPProvider(transport: transport))
        await transport.shutdown()
        return result
    } catch {
        await transport.shutdown()
        throw error
    }
}

extension SMTPProvider {
    func send(_ mail: Email, id: JobID = JobID()) async -> Verdict {
        await send(mail, attempt: attempt(job: id, kind: Email.kind))
    }
}

extension Verdict {
    enum Kind: Sendable { case accepted, refused, expired, throttled, misconfigured, ambiguous, transient }

    var kind: Kind {
        switch self {
        case .accepted: .accepted
        case .refused: .refused
        case .expired: .expired
        case .throttled: .throttled
        case .misconfigured: .misconfigured
        case .ambiguous: .ambiguous
        case .transient: .transient
        }
    }

    /// What an operator reads, empty where all is well.
    var text: String {
        fault?.description ?? ""
    }
}
