import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The simulator's own API, under `/_simulator`: what it received, and how it is to behave.
struct ControlRoutes: Sendable {
    let received: ReceivedLog
    let faults: FaultBook
    let secrets: WebhookSecrets

    func add(to router: Router<SimulatorContext>) {
        router.group("_simulator")
            .get("received", use: listReceived)
            .delete("received") { _, _ in
                received.forget()
                return HTTPResponse.Status.noContent
            }
            .get("duplicates", use: listDuplicates)
            .get("counts") { _, _ in try Self.json(received.counts) }
            .delete("counts") { _, _ in
                received.resetCounts()
                return HTTPResponse.Status.noContent
            }
            .get("faults") { _, _ in try Self.json(Behaviour(faults)) }
            .post("faults", use: addFault)
            .delete("faults") { _, _ in
                faults.removeAllRules()
                return HTTPResponse.Status.noContent
            }
            .delete("faults/:id", use: removeFault)
            .put("latency", use: setLatency)
            .put("webhooks/:name", use: setSecrets)
    }

    private func listReceived(_ request: Request, context: SimulatorContext) throws -> Response {
        let query = Form(query: request.uri.query)
        let messages = received.messages(try ReceivedFilter(query))
        let limit = try query.number("limit", or: 100)
        return try Self.json(Listing(count: messages.count, messages: Array(messages.prefix(limit))))
    }

    /// `?across=true`: also what two providers accepted once each, as after a failover.
    private func listDuplicates(_ request: Request, context: SimulatorContext) throws -> Response {
        let query = Form(query: request.uri.query)
        var filter = try ReceivedFilter(query)
        filter.outcome = .accepted
        let isAcross = query["across"] == "true"
        return try Self.json(Duplicate.find(in: received.messages(filter), acrossProviders: isAcross))
    }

    private func addFault(_ request: Request, context: SimulatorContext) async throws -> Response {
        let wanted = try await request.decode(as: WantedFault.self, context: context)
        do {
            return try Self.json(faults.add(wanted.rule()), .created)
        } catch let error as DirectiveError {
            throw HTTPError(.badRequest, message: error.description)
        }
    }

    private func removeFault(_ request: Request, context: SimulatorContext) throws -> HTTPResponse.Status {
        guard let id = context.parameters.get("id").flatMap(UUID.init(uuidString:)), faults.remove(id) else {
            throw HTTPError(.notFound, message: "There is no such fault.")
        }
        return .noContent
    }

    private func setLatency(_ request: Request, context: SimulatorContext) async throws -> Response {
        let wanted = try await request.decode(as: LatencySetting.self, context: context)
        faults.setLatency(try wanted.latency(), for: wanted.provider)
        return try Self.json(Behaviour(faults))
    }

    private func setSecrets(_ request: Request, context: SimulatorContext) async throws -> HTTPResponse.Status {
        let wanted = try await request.decode(as: SecretSetting.self, context: context)
        let parsed = wanted.secrets.compactMap { WebhookSecret($0) }
        guard parsed.count == wanted.secrets.count else {
            throw HTTPError(.badRequest, message: "secrets: expected whsec_ followed by base64.")
        }
        secrets.set(parsed.isEmpty ? nil : parsed, for: try context.parameters.require("name"))
        return .noContent
    }

    static func json(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return .json(status, ByteBuffer(bytes: try encoder.encode(value)))
    }
}
