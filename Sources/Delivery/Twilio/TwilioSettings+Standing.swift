extension TwilioSettings {
    private struct Account: Decodable {
        let status: String
        let type: String?
    }

    /// Fetches the account. Source: Twilio, "Account resource", "Fetch an Account resource".
    public func standing(_ http: OutboundHTTP) async -> ProviderStanding {
        guard let url = try? endpoint(base: baseURL, path: "/2010-04-01/Accounts/\(accountSID).json") else {
            return .unreachable("the address is none")
        }
        return await http.standing(url, authorization: basicAuthorization(accountSID, authToken)) {
            (account: Account) in
            guard account.status == "active" else { return .refused("the account is \(account.status)") }
            guard account.type != "Trial" else {
                return .doubtful("it is a trial account, which sends to verified numbers only")
            }
            return .good("the account is active")
        }
    }
}
