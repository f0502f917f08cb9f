import HTTPTypes
import Hummingbird

/// `PUT /_simulator/listen` with `{"closed_ms":500}`: for so long every connection is reset (see ``Door``), the control
/// API's too; 0 opens again.
struct DoorRoutes: Sendable {
    private struct Wanted: Decodable {
        var closedMs: Int

        enum CodingKeys: String, CodingKey {
            case closedMs = "closed_ms"
        }
    }

    let door: Door

    func add(to router: Router<SimulatorContext>) {
        router.put("_simulator/listen") { request, context in
            let wanted = try await request.decode(as: Wanted.self, context: context)
            guard (0...600_000).contains(wanted.closedMs) else {
                throw HTTPError(.badRequest, message: "closed_ms: expected a number from 0 to 600000.")
            }
            door.shut(for: .milliseconds(wanted.closedMs))
            return HTTPResponse.Status.accepted
        }
    }
}
