import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Vonage's SMS API: `POST /sms/json`.
/// Source: https://developer.vonage.com/en/api/sms
struct VonageRoutes: Sendable {
    private static let bodyLimit = 1 << 20

    let exchange: Exchange
    /// Keys and their secrets. Empty: any.
    let secrets: [String: String]
    let receipts: VonageReceipts

    func add(to router: Router<SimulatorContext>) {
        router.post("sms/json", use: send)
        router.put("_simulator/vonage/receipts", use: receipts.configure)
    }

    private func send(_ request: Request, context: SimulatorContext) async throws -> Response {
        var request = request
        let body = try await request.collectBody(upTo: Self.bodyLimit)
        let draft = VonageDraft(body, contentType: request.headers[.contentType])
        let arrival = draft?.arrival ?? Arrival(provider: .vonage)
        guard let draft else {
            return refuse(arrival, VonageError(3, "The request's body is not a JSON object"))
        }
        if let error = draft.error(secrets: secrets) { return refuse(arrival, error, to: draft) }
        return try await exchange.answer(arrival, to: request, context: context) { aftermath in
            let ids = (0..<draft.segments).map { _ in UUID().uuidString.lowercased() }
            return Exchange.Acceptance(
                id: ids.first ?? "", response: Self.accepted(draft, ids),
                afterwards: receipts.work(for: draft, ids: ids, aftermath))
        } failure: { failure in
            if failure.status == 200 { return Self.refused(VonageError(failure.code ?? 5), to: draft) }
            // The gateway before the API answers for itself.
            return failure.response(
                JSONText.object {
                    $0.member("title", failure.reason)
                    $0.member("status", failure.status)
                })
        }
    }

    private func refuse(_ arrival: Arrival, _ error: VonageError, to draft: VonageDraft? = nil) -> Response {
        exchange.refuse(arrival, status: 200, error: "\(error.status) \(error.text)")
        return Self.refused(error, to: draft)
    }

    /// An entry for each segment.
    private static func accepted(_ draft: VonageDraft, _ ids: [String]) -> Response {
        answer(count: ids.count) { json in
            for id in ids {
                json.object {
                    $0.member("to", draft.to)
                    $0.member("message-id", id)
                    $0.member("status", "0")
                    $0.member("remaining-balance", "3.14159265")
                    $0.member("message-price", "0.03330000")
                    $0.member("network", VonageReceipts.network)
                    if let reference = draft.reference { $0.member("client-ref", reference) }
                }
            }
        }
    }

    private static func refused(_ error: VonageError, to draft: VonageDraft?) -> Response {
        answer(count: 1) { json in
            json.object {
                if let to = draft?.to { $0.member("to", to) }
                $0.member("status", String(error.status))
                $0.member("error-text", error.text)
                if let reference = draft?.reference { $0.member("client-ref", reference) }
            }
        }
    }

    private static func answer(count: Int, _ messages: (inout JSONText) -> Void) -> Response {
        .json(
            .ok,
            JSONText.object { json in
                json.member("message-count", String(count))
                json.array("messages", messages)
            })
    }
}
