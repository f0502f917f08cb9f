import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// SendGrid's Mail Send.
/// Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
struct SendGridRoutes: Sendable {
    /// "The total size of your email, including attachments, must be less than 30MB."
    private static let bodyLimit = 30 << 20

    private let exchange: Exchange
    private let keys: Set<String>
    private let rate: RateWindow
    private let events: SendGridEvents

    init(settings: SimulatorSettings, exchange: Exchange, events: SendGridEvents) {
        self.exchange = exchange
        self.events = events
        keys = settings.sendGridKeys
        rate = RateWindow(limit: settings.sendGridRateLimit)
    }

    func add(to router: Router<SimulatorContext>) {
        router.post("v3/mail/send", use: send)
    }

    private func send(_ request: Request, context: SimulatorContext) async throws -> Response {
        var request = request
        var response: Response
        do {
            response = try await answer(&request, context: context)
        } catch let error as SendGridRefusal {
            exchange.refuse(error.arrival, status: error.status, error: error.description)
            response = error.response
        }
        rate.announce(in: &response.headers, retryAfter: response.headers.value("Retry-After").flatMap { Int($0) })
        return response
    }

    private func answer(_ request: inout Request, context: SimulatorContext) async throws -> Response {
        let bytes = try await body(of: &request)
        let mail: Mail
        do {
            mail = try JSONDecoder().decode(Mail.self, from: Data(bytes.readableBytesView))
        } catch {
            throw SendGridRefusal(400, [SendGridError("Bad Request")], Arrival(provider: .sendgrid))
        }
        let arrival = mail.arrival
        let problems = mail.problems
        guard problems.isEmpty else { throw SendGridRefusal(400, problems, arrival) }
        return try await exchange.answer(arrival, to: request, context: context) { aftermath in
            let id = MessageID.random()
            let status: HTTPResponse.Status = mail.isSandboxed ? .ok : .accepted
            var response = Response(status: status)
            response.headers.set("X-Message-Id", id)
            return Exchange.Acceptance(
                id: id, response: response, afterwards: events.work(for: mail, id: id, aftermath))
        } failure: { failure in
            failure.response(SendGridError.body([SendGridError(failure.reason)]))
        }
    }

    private func body(of request: inout Request) async throws -> ByteBuffer {
        let unread = Arrival(provider: .sendgrid)
        guard allowed(request.headers[.authorization]) else {
            throw SendGridRefusal(
                401, [SendGridError("The provided authorization grant is invalid, expired, or revoked")], unread)
        }
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") ?? false else {
            throw SendGridRefusal(415, [SendGridError("Content-Type should be application/json.")], unread)
        }
        do {
            return try await request.collectBody(upTo: Self.bodyLimit)
        } catch {
            throw SendGridRefusal(413, [SendGridError("Payload Too Large")], unread)
        }
    }

    private func allowed(_ authorization: String?) -> Bool {
        guard let authorization, authorization.lowercased().hasPrefix("bearer ") else { return false }
        let key = authorization.dropFirst(7)
        return keys.isEmpty ? key.hasPrefix("SG.") && key.count > 3 : keys.contains(String(key))
    }
}

/// 22 characters of base64url, as SendGrid's `X-Message-Id` are.
enum MessageID {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = withUnsafeBytes(of: (generator.next(), generator.next())) { Data($0) }
        return bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
