extension SendGridSettings {
    private struct Scopes: Decodable {
        let scopes: [String]
    }

    /// Asks what the key is good for. Source: SendGrid, "API Key Permissions", "Retrieve a list of scopes".
    public func standing(_ http: OutboundHTTP) async -> ProviderStanding {
        guard let url = try? endpoint(base: baseURL, path: "/v3/scopes") else {
            return .unreachable("the address is none")
        }
        return await http.standing(url, authorization: "Bearer \(apiKey.revealed)") { (key: Scopes) in
            key.scopes.contains("mail.send") ? .good("the key may send mail") : .refused("the key may not send mail")
        }
    }
}
