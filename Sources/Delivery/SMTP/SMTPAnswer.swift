import Messaging

/// What came of a try to hand a mail over means. A pure function of it. Sources: RFC 5321 section 4.2.1 (classes of
/// replies), RFC 4954 section 6 (530, 534, 535) and RFC 5248 (538).
enum SMTPAnswer {
    /// Replies that are about us and not about the mail: TLS or a login is wanted, or the login is wrong.
    private static let aboutTheAccount: Set<Int> = [530, 534, 535, 538]

    /// - Parameter messageID: with its angle brackets, by which servers log a mail.
    static func verdict(_ exchange: MailExchange, messageID: String) -> Verdict {
        if exchange.end == .sent { return .accepted(Receipt(provider: "smtp", id: messageID)) }
        switch exchange.reply {
        case let reply? where (200..<300).contains(reply.code) && exchange.stage == .end:
            return .accepted(Receipt(provider: "smtp", id: messageID))
        case let reply? where (400..<500).contains(reply.code) || reply.code >= 500 && exchange.stage == .nothing:
            var fault = fault(
                "the server put off \(exchange.stage.what)",
                "It is tried again; if this goes on, look at the mail server.", reply)
            // As with greylisting: other recipients are well.
            if exchange.stage == .recipient { fault.scope = .message }
            return .transient(fault)
        case let reply? where (500..<600).contains(reply.code):
            return refusal(reply, of: exchange.stage)
        default:
            return exchange.stage == .end ? doubt(exchange.end) : unsent(exchange.end)
        }
    }

    private static func refusal(_ reply: MailExchange.Reply, of stage: MailExchange.Stage) -> Verdict {
        let what = "the server refused \(stage.what)"
        if aboutTheAccount.contains(reply.code) {
            return .misconfigured(
                fault(what, "Check the user, the password and ?tls= in the mail server's address.", reply))
        }
        switch stage {
        case .nothing, .hello, .startTLS, .login:
            return .misconfigured(fault(what, "Check the mail server's address and what it has against us.", reply))
        case .sender, .recipient, .data, .end:
            var fault = fault(what, "Look the code up at the mail server and correct the message.", reply)
            if stage == .recipient, reply.saysNoSuchMailbox { fault.suppresses = .hardBounce }
            return .refused(fault)
        }
    }

    /// The dot may have gone out, and no reply to it came.
    private static func doubt(_ end: MailExchange.End) -> Verdict {
        .ambiguous(
            fault(
                "no reply after the whole mail was given to the server (\(end.reason))",
                "It may have been sent: look for its Message-ID in the mail server's log before sending it again."))
    }

    /// What was not sent for want of a whole mail: a server takes none without the dot that ends it.
    private static func unsent(_ end: MailExchange.End) -> Verdict {
        let fault = fault("not sent: \(end.reason)", end.remedy)
        return switch end {
        case .badCertificate, .noTLS, .noLogin, .unusable: .misconfigured(fault)
        case .sent, .cancelled, .timedOut, .failed: .transient(fault)
        }
    }

    private static func fault(_ what: String, _ remedy: String, _ reply: MailExchange.Reply? = nil) -> Fault {
        Fault(
            provider: "smtp", code: reply?.code, what: what + (reply?.status.map { " (\($0))" } ?? ""), remedy: remedy)
    }
}

extension MailExchange.Reply {
    /// Only where the enhanced status code says so: 550 alone is also a server's answer to a sender that it dislikes.
    /// Source: RFC 3463 and RFC 5248: 5.1.1 and 5.1.10 no such mailbox, 5.1.2 no such system, 5.1.6 moved away, 5.2.1
    /// disabled.
    fileprivate var saysNoSuchMailbox: Bool {
        ["5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1"].contains(status)
    }
}

extension MailExchange.Stage {
    /// What a reply at this stage is about.
    fileprivate var what: String {
        switch self {
        case .nothing: "the connection"
        case .hello: "the greeting"
        case .startTLS: "TLS"
        case .login: "the login"
        case .sender: "the sender"
        case .recipient: "the recipient"
        case .data, .end: "the mail"
        }
    }
}

extension MailExchange.End {
    /// Why it ended, as a clause.
    fileprivate var reason: String {
        switch self {
        case .sent: "no error"
        case .cancelled: "cancelled because the worker stops or lost its lease"
        case .timedOut: "no answer within the time-out"
        case .badCertificate: "the server's certificate cannot be trusted"
        case .noTLS: "the server offers no TLS (STARTTLS)"
        case .noLogin: "the server offers neither AUTH PLAIN nor AUTH LOGIN"
        case .unusable: "libcurl cannot work with the settings"
        case .failed(let reason): reason
        }
    }

    fileprivate var remedy: String {
        switch self {
        case .badCertificate:
            "Address the server by the name in its certificate, or name its authority's file by ?ca=."
        case .noTLS: "Use a port with TLS (587 or 465); ?tls=none sends in the clear."
        case .noLogin: "Check the mail server's address; it may offer a login on another port or over TLS only."
        case .unusable: "Check the mail server's address, the file of ?ca= and that libcurl knows SMTP and TLS."
        case .sent, .cancelled, .timedOut, .failed:
            "It is tried again; if this goes on, check the network, DNS and the mail server."
        }
    }
}
