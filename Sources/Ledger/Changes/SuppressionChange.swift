import JobRuntime
import Messaging

/// What was last heard of an address, by the order of the events.
struct SuppressionChange: Equatable, Sendable {
    var kind: String
    var address: String
    /// nil: messages may be sent.
    var reason: String?
    /// Unix milliseconds.
    var saidAt: Int64
    var place: Int64
}

extension SuppressionChange {
    init(type: String, _ fields: [String: String], at place: Int64) throws(EventFault) {
        guard type == "suppressed" || type == "allowed" else {
            throw EventFault("nothing is known of events of the type \(type.prefix(40))")
        }
        guard let kind = fields["kind"].flatMap(Suppression.Kind.init), let address = fields["address"],
            let saidAt = (fields["said"] ?? fields["at"]).flatMap({ Int64($0) })
        else { throw EventFault("a change of the suppression list without a kind, an address or a time") }
        guard type == "allowed" || fields["reason"] != nil else { throw EventFault("a suppression without a reason") }
        self.init(
            kind: kind.rawValue, address: address, reason: type == "suppressed" ? fields["reason"] : nil,
            saidAt: saidAt, place: place)
    }
}
