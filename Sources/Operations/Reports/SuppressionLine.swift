public import JobRuntime
public import Messaging

/// One suppressed address, as text and as JSON. The columns are of fixed width: a list is shown while it is read.
public struct SuppressionLine: Encodable {
    private let kind: Suppression.Kind
    private let address: String
    private let reason: Suppression.Reason
    private let at: Moment?

    public init(_ suppression: Suppression) {
        (kind, address, reason) = (suppression.kind, suppression.address, suppression.reason)
        at = suppression.at.map(Moment.init)
    }

    public static func header(_ palette: Palette = .plain) -> String {
        palette.paint(row("KIND", "REASON", "SINCE", "ADDRESS"), .bold)
    }

    public var text: String {
        Self.row(kind.rawValue, reason.rawValue, at?.description ?? "not known", address.printable)
    }

    /// Why it is on the list and since when.
    public func cause(now: Moment) -> String {
        reason.rawValue + (at.map { ", since \($0.described(at: now))" } ?? "")
    }

    private static func row(_ kind: String, _ reason: String, _ at: String, _ address: String) -> String {
        [(kind, 7), (reason, 12), (at, 24)].map { text, width in
            text + String(repeating: " ", count: max(0, width - text.count))
        }.joined(separator: "  ") + "  " + address
    }
}

/// What became of the wish to put an address on the list or take it off.
public struct SuppressionReport: Encodable, CustomStringConvertible {
    public enum Change: String, Encodable, Sendable {
        case added
        /// It was on the list before, and stays for the reason that it has.
        case present
        case removed
        /// It was not on the list.
        case absent
    }

    private let kind: Suppression.Kind
    private let address: String
    private let change: Change

    public init(_ kind: Suppression.Kind, _ address: String, _ change: Change) {
        (self.kind, self.change) = (kind, change)
        self.address = Suppression.normalized(kind, address)
    }

    public var description: String {
        let name = "the \(kind.rawValue) \(address.printable)"
        return switch change {
        case .added: "\(name) is on the list: nothing is sent to it"
        case .present: "\(name) was on the list before"
        case .removed: "\(name) is off the list"
        case .absent: "\(name) is not on the list"
        }
    }
}
