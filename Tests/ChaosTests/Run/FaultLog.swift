import TestSupport

@testable import chaos_worker

/// What has been done to the fleet, as it happened.
final class FaultLog: Sendable {
    /// Something that no worker escapes: the network, Redis, or the machine.
    struct Incident: Sendable, Equatable {
        var what: String
        var from: Instant
        var to: Instant
    }

    private let state = Locked<(incidents: [Incident], counts: [String: Int])>(([], [:]))

    var incidents: [Incident] { state.value.incidents }

    var counts: [String: Int] { state.value.counts }

    func count(_ what: String) { state.update { $0.counts[what, default: 0] += 1 } }

    /// Counts and times what disturbs everybody.
    func during(_ what: String, _ body: () async throws -> Void) async rethrows {
        count(what)
        let from = Instant.current
        try await body()
        add(Incident(what: what, from: from, to: .current))
    }

    func add(_ incident: Incident) { state.update { $0.incidents.append(incident) } }
}
