#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a process answered that was asked how it does, at `/health` or `/ready`.
public struct StatusAnswer: Sendable, Equatable {
    public let status: String
    public let isGood: Bool
    /// `<check>: <what is wrong>`
    public let faults: [String]

    private struct Document: Decodable {
        struct Check: Decodable {
            let status: String
            let error: String?
        }
        let status: String
        let checks: [String: Check]?
    }

    /// - Returns: nil where it is the answer of something else.
    public init?(code: UInt, body: Data) {
        guard let document = try? JSONDecoder().decode(Document.self, from: body), code == 200 || code == 503 else {
            return nil
        }
        status = document.status
        isGood = code == 200
        faults = (document.checks ?? [:]).sorted { $0.key < $1.key }
            .compactMap { name, check in check.error.map { "\(name): \($0)" } }
    }
}

/// How one process does, for `posthaste health`.
public struct ProcessHealth: Sendable, Equatable {
    /// `worker` or `ingress`.
    public let name: String
    public let address: String
    /// nil: it did not answer.
    public let health: StatusAnswer?
    public let readiness: StatusAnswer?

    public init(_ name: String, address: String, health: StatusAnswer?, readiness: StatusAnswer?) {
        self.name = name
        self.address = address
        self.health = health
        self.readiness = readiness
    }

    /// - Parameter beReady: whether it is to be ready as well.
    public func isGood(beReady: Bool) -> Bool {
        health?.isGood == true && (!beReady || readiness?.isGood == true)
    }

    /// `worker 127.0.0.1:8081 healthy, unavailable: redis: no answer within 2 seconds`
    public var line: String {
        guard let health else { return "\(name) \(address) does not answer" }
        let states = [health.status] + (readiness.map { [$0.status] } ?? ["whether it is ready it does not say"])
        var faults: [String] = []
        for fault in health.faults + (readiness?.faults ?? []) where !faults.contains(fault) { faults.append(fault) }
        return "\(name) \(address) \(states.joined(separator: ", "))"
            + (faults.isEmpty ? "" : ": \(faults.joined(separator: "; "))".printable)
    }
}
