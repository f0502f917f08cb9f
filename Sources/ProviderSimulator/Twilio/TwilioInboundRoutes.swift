import Foundation
import HTTPTypes
import Hummingbird

/// `POST /_simulator/twilio/inbound`: somebody writes to one of our numbers, and Twilio tells our webhook.
struct TwilioInboundRoutes: Sendable {
    /// `{"to":"+1…","from":"+1…","body":"STOP","url":"http://…"}`; what else there is may be left out.
    private struct Inbound: Decodable {
        /// Our number.
        var to: String
        var from: String
        var body: String
        var media: [String]?
        /// The webhook.
        var url: String
        /// The Messaging Service that our number belongs to.
        var service: String?
        var account: String?
        /// A message told before, to tell it again.
        var sid: String?
        /// More fields, as Twilio's add-ons bring them (`OptOutType`).
        var fields: [String: String]?
    }

    private struct Told: Encodable {
        var messageSid: String
        /// What the webhook answered; nil if it did not.
        var status: Int?
        var answer: String?
        var error: String?
    }

    let signer: TwilioSigner
    let optOuts: OptOuts
    let callbacks: CallbackService

    func add(to router: Router<SimulatorContext>) {
        router.post("_simulator/twilio/inbound", use: receive)
    }

    /// Answers when the webhook has. It is called once: Twilio calls again only if it is told to.
    private func receive(_ request: Request, context: SimulatorContext) async throws -> Response {
        let inbound = try await request.decode(as: Inbound.self, context: context)
        _ = try CallbackAddress(url: inbound.url).checkedURL()
        if let keyword = OptOuts.Keyword(inbound.body) {
            for sender in [inbound.to, inbound.service].compactMap(\.self) {
                optOuts.apply(keyword, to: sender, by: inbound.from)
            }
        }
        let account = inbound.account ?? signer.account
        let sid = inbound.sid ?? "SM" + UUID().uuidString.replacing("-", with: "").lowercased()
        let callback = signer.callback(
            to: inbound.url, Self.fields(inbound, sid: sid, account: account), account: account)
        let sent = try await callbacks.post(callback, attempts: 1)
        return try ControlRoutes.json(
            Told(messageSid: sid, status: sent.status, answer: sent.answer, error: sent.error))
    }

    /// Source: https://www.twilio.com/docs/messaging/guides/webhook-request
    private static func fields(_ inbound: Inbound, sid: String, account: String) -> [FormField] {
        let media = inbound.media ?? []
        var fields = [
            "AccountSid": account, "ApiVersion": "2010-04-01", "Body": inbound.body, "From": inbound.from,
            "FromCity": "SAN FRANCISCO", "FromCountry": "US", "FromState": "CA", "FromZip": "", "MessageSid": sid,
            "NumMedia": String(media.count), "NumSegments": String(Segments.count(inbound.body)),
            "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received", "To": inbound.to, "ToCity": "",
            "ToCountry": "US", "ToState": "CA", "ToZip": "",
        ]
        fields["MessagingServiceSid"] = inbound.service
        for (index, url) in media.enumerated() {
            fields["MediaUrl\(index)"] = url
            fields["MediaContentType\(index)"] = "image/jpeg"
        }
        fields.merge(inbound.fields ?? [:]) { $1 }
        return fields.sorted { $0.key < $1.key }.map { FormField($0.key, $0.value) }
    }
}

extension TwilioSigner {
    /// The account that inbound messages are for unless one is named.
    fileprivate var account: String {
        tokens.keys.filter { $0.hasPrefix("AC") }.min() ?? "AC" + String(repeating: "0", count: 32)
    }
}
