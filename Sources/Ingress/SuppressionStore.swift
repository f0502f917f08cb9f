public import Delivery
public import Messaging

/// The list of suppressions, as the ingress needs it.
public protocol SuppressionStore: Sendable {
    func find(_ kind: Suppression.Kind, _ address: String) async throws -> Suppression?

    /// - Returns: whether it was not on the list before; if it was it stays as it is.
    func add(_ suppression: Suppression) async throws -> Bool

    /// - Returns: whether it was on the list.
    func remove(_ kind: Suppression.Kind, _ address: String) async throws -> Bool

    func page(_ kind: Suppression.Kind, after cursor: String?) async throws -> SuppressionList.Page
}

extension SuppressionList: SuppressionStore {}
