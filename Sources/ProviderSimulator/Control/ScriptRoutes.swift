import Foundation
import HTTPTypes
import Hummingbird

/// `/_simulator/numbers/{number}`: what the attempts to reach a recipient meet, one after the other (see
/// ``RecipientScript``). `PUT {"script":["status=503","drop","ok"]}` begins anew, `GET` tells how far it is, `DELETE`
/// takes it away.
struct ScriptRoutes: Sendable {
    private struct Script: Codable {
        var script: [String]
        var attempts: Int?
    }

    let faults: FaultBook

    func add(to router: Router<SimulatorContext>) {
        router.group("_simulator/numbers/:number")
            .put(use: set)
            .get(use: show)
            .delete(use: remove)
    }

    private func set(_ request: Request, context: SimulatorContext) async throws -> HTTPResponse.Status {
        let wanted = try await request.decode(as: Script.self, context: context)
        do {
            faults.setScript(try RecipientScript(wanted.script), of: try number(context))
        } catch let error as DirectiveError {
            throw HTTPError(.badRequest, message: error.description)
        }
        return .noContent
    }

    private func show(_ request: Request, context: SimulatorContext) throws -> Response {
        guard let script = faults.script(of: try number(context)) else { throw HTTPError(.notFound) }
        return try ControlRoutes.json(Script(script: script.steps, attempts: script.attempts))
    }

    private func remove(_ request: Request, context: SimulatorContext) throws -> HTTPResponse.Status {
        faults.setScript(nil, of: try number(context))
        return .noContent
    }

    /// With its plus, escaped or not, or without.
    private func number(_ context: SimulatorContext) throws -> String {
        let text = try context.parameters.require("number")
        return text.removingPercentEncoding ?? text
    }
}
