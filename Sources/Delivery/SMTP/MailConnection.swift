import CCurl
import JobRuntime

/// A mail as the server gets it: the envelope and all bytes of the message.
struct OutgoingMail: Sendable {
    var from: String
    var to: String
    var bytes: [UInt8]
}

/// A connection to the mail server that is kept from one mail to the next: libcurl's handle, owned.
///
/// `@unchecked`: it is used by one thread at a time, that which took it out of the transport's idle ones.
final class MailConnection: @unchecked Sendable {
    private let mailer: OpaquePointer

    /// Nil where there is no memory, or libcurl cannot do what the settings ask for. Connects with the first mail.
    init?(_ settings: SMTPSettings) {
        let tls =
            switch settings.encryption {
            case .none: CCURL_TLS_NEVER
            case .optional: CCURL_TLS_IF_OFFERED
            case .required, .implicit: CCURL_TLS_ALWAYS
            }
        guard
            let mailer = ccurl_mailer_create(
                settings.address, settings.user?.revealed, settings.password?.revealed, settings.authorities, tls,
                settings.verifiesCertificates ? 1 : 0, settings.connectTimeout.wholeMilliseconds)
        else { return nil }
        self.mailer = mailer
    }

    deinit { ccurl_mailer_free(mailer) }

    /// Sends a mail and blocks until its end.
    ///
    /// A kept connection may have ended meanwhile, or have carried all the mails that the server allows one. That shows
    /// in the reply to the first command, or in its absence, and says nothing of the mail: it gets a new connection.
    func send(_ mail: OutgoingMail, timeout: Duration, order: MailOrder) -> MailExchange {
        var outcome = exchange(mail, timeout: timeout, order: order)
        let hadEnded =
            outcome.end == CCURL_FAILED && outcome.stage == CCURL_MAIL && outcome.greeted == 0
            && (outcome.reply == 0 || outcome.reply == 421)
        if hadEnded { outcome = exchange(mail, timeout: timeout, order: order) }
        return MailExchange(outcome)
    }

    /// Connects and logs in, and blocks until it is known whether that went well. No mail can be sent after it.
    func check(timeout: Duration) -> MailExchange {
        var outcome = ccurl_outcome()
        ccurl_mailer_check(mailer, timeout.wholeMilliseconds, &outcome)
        return MailExchange(outcome)
    }

    /// Says QUIT and waits for the answer, two seconds at most.
    func quit() { ccurl_mailer_quit(mailer, 2000) }

    private func exchange(_ mail: OutgoingMail, timeout: Duration, order: MailOrder) -> ccurl_outcome {
        var outcome = ccurl_outcome()
        withExtendedLifetime(order) {
            mail.bytes.withUnsafeBytes { bytes in
                ccurl_mailer_send(
                    mailer, mail.from, mail.to, bytes.baseAddress, bytes.count, timeout.wholeMilliseconds,
                    { context in
                        guard let context else { return 0 }
                        return Unmanaged<MailOrder>.fromOpaque(context).takeUnretainedValue().isCancelled ? 1 : 0
                    },
                    Unmanaged.passUnretained(order).toOpaque(), &outcome)
            }
        }
        return outcome
    }
}

extension Duration {
    /// At least one: to libcurl none at all means without end.
    fileprivate var wholeMilliseconds: Int64 { max(1, Int64(self / .milliseconds(1))) }
}
