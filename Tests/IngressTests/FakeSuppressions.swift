import Ingress
import Messaging
import Synchronization

@testable import Delivery

/// The list in memory, in pages of two.
final class FakeSuppressions: SuppressionStore {
    private let list: Mutex<[Suppression]>
    private let isBroken: Bool

    init(_ list: [Suppression] = [], isBroken: Bool = false) {
        self.list = Mutex(list)
        self.isBroken = isBroken
    }

    var all: [Suppression] { list.withLock { $0 } }

    func find(_ kind: Suppression.Kind, _ address: String) async throws -> Suppression? {
        try check()
        let address = Suppression.normalized(kind, address)
        return all.first { $0.kind == kind && $0.address == address }
    }

    func add(_ suppression: Suppression) async throws -> Bool {
        guard try await find(suppression.kind, suppression.address) == nil else { return false }
        list.withLock { $0.append(suppression) }
        return true
    }

    func remove(_ kind: Suppression.Kind, _ address: String) async throws -> Bool {
        guard let found = try await find(kind, address) else { return false }
        list.withLock { list in list.removeAll { $0 == found } }
        return true
    }

    func page(_ kind: Suppression.Kind, after cursor: String?) async throws -> SuppressionList.Page {
        try check()
        let start = cursor.flatMap { Int($0) } ?? 0
        let rest = all.filter { $0.kind == kind }.dropFirst(start)
        return SuppressionList.Page(
            suppressions: Array(rest.prefix(2)), next: rest.count > 2 ? "\(start + 2)" : nil)
    }

    private func check() throws {
        if isBroken { throw FakeIntake.Broken() }
    }
}
