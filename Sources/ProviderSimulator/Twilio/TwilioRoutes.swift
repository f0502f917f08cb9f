import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Twilio's Messages resource, API version 2010-04-01: create, fetch, list, cancel.
/// Source: https://www.twilio.com/docs/messaging/api/message-resource
struct TwilioRoutes: Sendable {
    private static let bodyLimit = 1 << 20

    private let exchange: Exchange
    private let credentials: TwilioCredentials
    private let messages: TwilioMessageStore
    private let callbacks: TwilioCallbacks
    private let optOuts: OptOuts
    private let deliversAfter: Duration
    private let listsAfter: Duration

    init(settings: SimulatorSettings, exchange: Exchange, signer: TwilioSigner, optOuts: OptOuts) {
        self.exchange = exchange
        self.optOuts = optOuts
        credentials = TwilioCredentials(tokens: settings.twilioTokens)
        messages = TwilioMessageStore(keepLast: settings.keepLast)
        callbacks = TwilioCallbacks(
            signer: signer, callbacks: exchange.callbacks, deliversAfter: settings.deliversAfter)
        deliversAfter = settings.deliversAfter
        listsAfter = settings.listsAfter
    }

    func add(to router: Router<SimulatorContext>) {
        router.group("2010-04-01/Accounts/:account")
            .post("Messages.json", use: create)
            .get("Messages.json", use: list)
            .get("Messages/:message", use: fetch)
            .post("Messages/:message", use: update)
    }

    private func create(_ request: Request, context: SimulatorContext) async throws -> Response {
        var request = request
        let account = try context.parameters.require("account")
        let form = Form(try await request.collectBody(upTo: Self.bodyLimit).readableBytesView)
        let draft = TwilioDraft(form)
        let arrival = draft.arrival
        let refusal = draft.error(at: arrival.at) ?? (optOuts.forbid(draft) ? .optedOut : nil)
        if let error = authorise(request, account: account) ?? refusal {
            exchange.refuse(arrival, status: error.status, error: "\(error.code) \(error.message)")
            return error.response
        }
        return try await exchange.answer(arrival, to: request, context: context) { aftermath in
            let message = messages.add(draft, ending: aftermath.ends, account: account, at: arrival.at)
            let body = JSONText.object { message.write(into: &$0, at: arrival.at, deliversAfter: deliversAfter) }
            return Exchange.Acceptance(
                id: message.sid, response: .json(.created, body),
                afterwards: callbacks.work(for: message, aftermath) { messages[message.sid]?.canceled != nil })
        } failure: { failure in
            TwilioError(failure).response(to: failure)
        }
    }

    private func fetch(_ request: Request, context: SimulatorContext) throws -> Response {
        try withMessage(request, context) { message in present(message) }
    }

    private func update(_ request: Request, context: SimulatorContext) async throws -> Response {
        var request = request
        let form = Form(try await request.collectBody(upTo: Self.bodyLimit).readableBytesView)
        return try withMessage(request, context) { message in
            guard form["Status"] == "canceled" else { return TwilioError.invalidStatus.response }
            guard let canceled = messages.cancel(message.sid, at: Date(), deliversAfter: deliversAfter) else {
                return TwilioError.cannotCancel.response
            }
            callbacks.tellCanceled(canceled)
            return present(canceled)
        }
    }

    private func list(_ request: Request, context: SimulatorContext) throws -> Response {
        let account = try context.parameters.require("account")
        if let error = authorise(request, account: account) { return error.response }
        let query = TwilioListQuery(Form(query: request.uri.query), account: account)
        let page = query.page(
            of: messages.newestFirst, at: Date(), deliversAfter: deliversAfter, listsAfter: listsAfter)
        return .json(.ok, page.json(deliversAfter: deliversAfter))
    }

    private func present(_ message: TwilioMessage) -> Response {
        .json(.ok, JSONText.object { message.write(into: &$0, at: Date(), deliversAfter: deliversAfter) })
    }

    private func withMessage(
        _ request: Request, _ context: SimulatorContext, _ body: (TwilioMessage) throws -> Response
    ) throws -> Response {
        let account = try context.parameters.require("account")
        if let error = authorise(request, account: account) { return error.response }
        let name = try context.parameters.require("message")
        let sid = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
        guard let message = messages[sid], message.account == account else {
            return TwilioError.notFound(path: request.uri.path).response
        }
        return try body(message)
    }

    private func authorise(_ request: Request, account: String) -> TwilioError? {
        credentials.allow(request.headers[.authorization], account: account) ? nil : .unauthorised
    }
}
