public import JobRuntime
public import Messaging

/// Hands mail to a server over SMTP.
///
/// The Message-ID is made of the job's id, so that it is the same in each try and a mail that comes twice is known by
/// it; the job's id also stands in `X-Posthaste-ID`.
public struct SMTPProvider: Provider {
    public let name = "smtp"

    private let transport: MailTransport

    public init(transport: MailTransport) { self.transport = transport }

    public func send(_ message: Email, attempt: Attempt) async -> Verdict {
        let mail: MIMEMessage
        do throws(Fault) {
            mail = try MIMEMessage(message, id: attempt.job, date: attempt.enqueuedAt)
        } catch {
            return .refused(error)
        }
        let exchange = await transport.deliver(OutgoingMail(from: message.from, to: message.to, bytes: mail.bytes))
        return SMTPAnswer.verdict(exchange, messageID: mail.messageID)
    }
}
