import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Delivery receipts, one for each segment and step: to the message's `callback` or else to the account's address.
/// They are not signed. Source: https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts
final class VonageReceipts: Sendable {
    enum Format: String, Sendable, Decodable {
        case form, json
    }

    private struct State {
        var url: String?
        var format = Format.form
    }

    static let network = "310090"

    private let callbacks: CallbackService
    private let deliversAfter: Duration
    private let state = Mutex(State())

    init(callbacks: CallbackService, deliversAfter: Duration) {
        self.callbacks = callbacks
        self.deliversAfter = deliversAfter
    }

    /// `PUT /_simulator/vonage/receipts`, as the account's settings are: `{"url":"http://…","format":"json"}`; what is
    /// left out is none and `form`.
    @Sendable func configure(_ request: Request, context: SimulatorContext) async throws -> HTTPResponse.Status {
        struct Wanted: Decodable {
            var url: String?
            var format: Format?
        }
        let wanted = try await request.decode(as: Wanted.self, context: context)
        let url = try CallbackAddress(url: wanted.url).checkedURL()
        state.withLock { $0 = State(url: url, format: wanted.format ?? .form) }
        return .noContent
    }

    /// - Returns: nil if nobody is to be told.
    func work(for draft: VonageDraft, ids: [String], _ aftermath: Aftermath) -> CallbackService.Work? {
        let (account, format) = state.withLock { ($0.url, $0.format) }
        guard draft.wantsReceipt, let url = draft.callback ?? account else { return nil }
        let now = Date()
        let (end, code) = Self.end(aftermath.ends)
        let steps = [("buffered", 0, now), (end, code, now + deliversAfter.seconds)]
        // Made beforehand: a receipt that is told twice is the same twice.
        let receipts = steps.flatMap { status, code, at in
            ids.map { id in
                let fields = Self.fields(draft, id: id, status: status, code: code, at: at)
                return Callback(
                    provider: .vonage, url: url, headers: ["User-Agent": "Nexmo/MessagingHUB/v1.0"],
                    content: format == .form ? .form(fields) : .json(Self.json(fields)))
            }
        }
        return { [self] in
            try await aftermath.tell(receipts, over: deliversAfter) { try await callbacks.post($0) }
        }
    }

    private static func end(_ ending: Aftermath.Ending?) -> (status: String, code: Int) {
        switch ending?.status {
        case .failed?, .expired?, .rejected?, .accepted?, .buffered?, .unknown?:
            let status = ending?.status.rawValue ?? ""
            return (status, ending?.code ?? (["accepted", "buffered"].contains(status) ? 0 : 1))
        // What else there is, is Twilio's.
        default: return ("delivered", 0)
        }
    }

    private static func fields(
        _ draft: VonageDraft, id: String, status: String, code: Int, at: Date
    ) -> [FormField] {
        let time = at.formatted(
            .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
        // Year, month, day, hour and minute, two digits each.
        let short = time.filter(\.isNumber).dropFirst(2).prefix(10)
        var fields = [
            FormField("msisdn", draft.to ?? ""), FormField("to", draft.from ?? ""),
            FormField("network-code", network), FormField("messageId", id), FormField("price", "0.03330000"),
            FormField("status", status), FormField("scts", String(short)), FormField("err-code", String(code)),
            FormField("api-key", draft.key ?? ""), FormField("message-timestamp", "\(time) +0000"),
        ]
        if let reference = draft.reference { fields.append(FormField("client-ref", reference)) }
        return fields
    }

    private static func json(_ fields: [FormField]) -> ByteBuffer {
        let object = Dictionary(fields.map { ($0.key, $0.value) }) { $1 }
        // Texts alone cannot fail.
        return (try? JSONEncoder().encode(object)).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    }
}
