import NIOPosix

extension SMTPSettings {
    /// Connects, logs in and takes leave, on a thread of its own.
    public func standing() async -> ProviderStanding {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        let exchange = try? await thread.runIfActive { () -> MailExchange in
            guard let connection = MailConnection(self) else { return MailExchange(.unusable) }
            let exchange = connection.check(timeout: timeout)
            connection.quit()
            return exchange
        }
        try? await thread.shutdownGracefully()
        return exchange.map(Self.standing) ?? .unreachable("it could not be asked")
    }

    static func standing(_ exchange: MailExchange) -> ProviderStanding {
        let reply = exchange.reply.map { " (it replied \($0.code))" } ?? ""
        switch exchange.end {
        case .sent: return .good("it lets us in")
        case .noLogin: return .refused("it does not take the user and password" + reply)
        case .noTLS: return .refused("it offers no TLS")
        case .badCertificate: return .refused("its certificate is not one that is trusted")
        case .unusable: return .refused("the settings cannot be used")
        case .timedOut: return .unreachable("no answer in time")
        case .cancelled: return .unreachable("it could not be asked")
        // Whoever let us in and has something against NOOP would take mail.
        case .failed where (exchange.reply?.code ?? 0) >= 500 && exchange.stage == .hello:
            return .refused("it refuses us" + reply)
        case .failed(let reason): return .unreachable(reason + reply)
        }
    }
}
