extension VonageSettings {
    private struct Balance: Decodable {
        let value: Double
        let autoReload: Bool?
    }

    /// Asks for the balance. Source: Vonage, "Account API", "Get Account Balance".
    public func standing(_ http: OutboundHTTP) async -> ProviderStanding {
        guard let url = try? endpoint(base: baseURL, path: "/account/get-balance") else {
            return .unreachable("the address is none")
        }
        return await http.standing(url, authorization: basicAuthorization(apiKey, apiSecret)) { (balance: Balance) in
            guard balance.value > 0 || balance.autoReload == true else {
                return .doubtful("the account has no money left")
            }
            return .good("the account has money")
        }
    }
}
