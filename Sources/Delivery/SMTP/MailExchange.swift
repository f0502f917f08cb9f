import CCurl

/// What came of one try to hand a mail to the server, as far as libcurl knows.
struct MailExchange: Sendable, Equatable {
    /// What was said to the server last.
    enum Stage: Sendable, CaseIterable {
        /// Nothing: a server speaks first, with its greeting.
        case nothing
        case hello, startTLS, login, sender, recipient, data
        /// The mail's last byte was given to the connection: the dot that ends it may be on its way.
        case end
    }

    /// The server's reply to what was said last.
    struct Reply: Sendable, Equatable {
        /// `550`
        var code: Int
        /// The enhanced status code, `5.1.1`. Source: RFC 3463.
        var status: String?
    }

    enum End: Sendable, Equatable {
        case sent
        case cancelled
        case timedOut
        case badCertificate
        /// TLS is demanded, and the server offers none.
        case noTLS
        /// The credentials were refused, or the server knows no way to take them.
        case noLogin
        /// libcurl cannot work with the settings.
        case unusable
        /// Anything else, as a clause.
        case failed(String)
    }

    var stage: Stage
    var reply: Reply?
    var end: End

    init(_ end: End, at stage: Stage = .nothing, reply: Reply? = nil) {
        self.end = end
        self.stage = stage
        self.reply = reply
    }
}

extension MailExchange {
    init(_ outcome: ccurl_outcome) {
        let status = withUnsafeBytes(of: outcome.status) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        self.init(
            End(outcome), at: Stage(outcome.stage),
            reply: outcome.reply == 0 ? nil : Reply(code: Int(outcome.reply), status: status.isEmpty ? nil : status))
    }
}

extension MailExchange.Stage {
    fileprivate init(_ stage: ccurl_stage) {
        self =
            switch stage {
            case CCURL_HELLO: .hello
            case CCURL_STARTTLS: .startTLS
            case CCURL_AUTH: .login
            case CCURL_MAIL: .sender
            case CCURL_RCPT: .recipient
            case CCURL_DATA: .data
            case CCURL_END: .end
            default: .nothing
            }
    }
}

extension MailExchange.End {
    fileprivate init(_ outcome: ccurl_outcome) {
        self =
            switch outcome.end {
            case CCURL_SENT: .sent
            case CCURL_CANCELLED: .cancelled
            case CCURL_TIMED_OUT: .timedOut
            case CCURL_BAD_CERTIFICATE: .badCertificate
            case CCURL_NO_TLS: .noTLS
            case CCURL_NO_LOGIN: .noLogin
            case CCURL_UNUSABLE: .unusable
            default: .failed(outcome.reason.map { String(cString: $0).lowercased() } ?? "unknown error")
            }
    }
}
