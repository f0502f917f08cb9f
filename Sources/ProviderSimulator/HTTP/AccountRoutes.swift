import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What the vendors tell of an account, for those that ask whether they would be let in.
struct AccountRoutes: Sendable {
    let settings: SimulatorSettings

    func add(to router: Router<SimulatorContext>) {
        // `AC….json`, beside the account's resources.
        router.get("2010-04-01/Accounts/:account", use: twilio)
        router.get("v3/scopes", use: sendGrid)
        router.get("account/get-balance", use: vonage)
    }

    /// Source: https://www.twilio.com/docs/iam/api/account
    private func twilio(_ request: Request, context: SimulatorContext) throws -> Response {
        let name = try context.parameters.require("account")
        let account = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
        guard
            TwilioCredentials(tokens: settings.twilioTokens).allow(request.headers[.authorization], account: account)
        else { return TwilioError.unauthorised.response }
        return .json(
            .ok,
            JSONText.object {
                $0.member("sid", account)
                $0.member("status", "active")
                $0.member("type", "Full")
            })
    }

    /// Source: https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions/retrieve-a-list-of-scopes-for-which-this-user-has-access
    private func sendGrid(_ request: Request, context: SimulatorContext) -> Response {
        let words = (request.headers[.authorization] ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer",
            settings.sendGridKeys.isEmpty || settings.sendGridKeys.contains(String(words[1]))
        else {
            return .json(
                .unauthorized, ByteBuffer(string: #"{"errors":[{"field":null,"message":"authorization required"}]}"#))
        }
        return .json(.ok, ByteBuffer(string: #"{"scopes":["mail.send"]}"#))
    }

    /// Source: https://developer.vonage.com/en/api/account
    private func vonage(_ request: Request, context: SimulatorContext) -> Response {
        let value = request.headers[.authorization] ?? ""
        let parts =
            (value.hasPrefix("Basic ") ? Data(base64Encoded: String(value.dropFirst(6))) : nil)
            .map { String(decoding: $0, as: UTF8.self) }?
            .split(separator: ":", maxSplits: 1).map(String.init) ?? []
        guard parts.count == 2, settings.vonageSecrets.isEmpty || settings.vonageSecrets[parts[0]] == parts[1] else {
            return .json(
                .unauthorized, ByteBuffer(string: #"{"error-code":"401","error-code-label":"authentication failed"}"#))
        }
        return .json(.ok, ByteBuffer(string: #"{"value":3.14159265,"autoReload":false}"#))
    }
}
