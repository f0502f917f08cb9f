import JobRuntime

/// Every key of the limits, built in this one file. Nothing that a client makes up is in them: a caller's name comes from
/// the settings, an address is that of a connection, and an endpoint is the template of a route.
extension KeySpace {
    /// How many requests came lately to an endpoint.
    func rateLimit(of caller: String, at endpoint: String) -> String { "\(prefix)ratelimit:key:\(caller):\(endpoint)" }

    func rateLimit(ofAddress address: String, at endpoint: String) -> String {
        "\(prefix)ratelimit:address:\(address):\(endpoint)"
    }

    /// How many requests without a key that is taken came lately from an address.
    func failures(ofAddress address: String) -> String { "\(prefix)ratelimit:unauthorized:\(address)" }

    /// How many messages of a caller were accepted in this hour, day or month.
    func quota(of caller: String) -> String { "\(prefix)quota:\(caller)" }
}
