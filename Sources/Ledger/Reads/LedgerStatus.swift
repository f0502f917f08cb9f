public import Messaging

/// Who wrote a message.
public enum Direction: String, CaseIterable, Sendable { case outbound, inbound }

/// What has become of a message, as the ledger shows it: one of ours has a status, one to us was received. The raw
/// value is that of the HTTP API and of the database.
public enum LedgerStatus: Hashable, Sendable {
    case outbound(MessageStatus)
    case received

    public var direction: Direction { self == .received ? .inbound : .outbound }
}

extension LedgerStatus: RawRepresentable, CaseIterable {
    public init?(rawValue: String) {
        if rawValue == "received" {
            self = .received
        } else if let status = MessageStatus(rawValue: rawValue) {
            self = .outbound(status)
        } else {
            return nil
        }
    }

    public var rawValue: String {
        switch self {
        case .outbound(let status): status.rawValue
        case .received: "received"
        }
    }

    public static let allCases = MessageStatus.allCases.map(LedgerStatus.outbound) + [.received]
}
