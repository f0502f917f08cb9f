import Hummingbird
import JobRuntime
import Messaging
import NIOCore

/// The document that says which dead letters are to be redriven or dropped. All of them must be asked for in so many
/// words (`"all": true`).
struct DeadLetterRequest {
    private enum Field: String, CaseIterable {
        case all, reason, kind, error, since, until
        case includeUnknown = "include_unknown"
    }

    private(set) var filter = DeadLetterFilter()
    /// Whether those are meant, too, that may have been sent.
    private(set) var includesUnknown = false

    init(_ document: ByteBuffer) throws(Problem) {
        var scanner = JSONScanner(document)
        var faults = Faults()
        var isAll = false
        do throws(JSONSyntaxError) {
            try scanner.members(of: Field.self, reportingTo: &faults) {
                (field, scanner, faults) throws(JSONSyntaxError) in
                let path = field.rawValue
                switch field {
                case .all: isAll = try scanner.flag(at: path, reportingTo: &faults)
                case .includeUnknown: includesUnknown = try scanner.flag(at: path, reportingTo: &faults)
                case .reason: filter.reason = try scanner.text(at: path, reportingTo: &faults).map(DeadReason.init)
                case .kind: filter.kind = try scanner.text(at: path, reportingTo: &faults)
                case .error: filter.error = try scanner.text(at: path, reportingTo: &faults)
                case .since: filter.diedAfter = try scanner.moment(at: path, reportingTo: &faults).map { $0 - 1 }
                case .until: filter.diedBefore = try scanner.moment(at: path, reportingTo: &faults)
                }
            }
            try scanner.finish()
        } catch {
            throw .malformed(error)
        }
        if faults.isEmpty, isAll != (filter == DeadLetterFilter()) {
            faults.add(
                isAll
                    ? "must be absent where something else says which are meant"
                    : "must be true where nothing else says which are meant", at: Field.all.rawValue)
        }
        guard faults.isEmpty else { throw .invalidFilter(faults) }
    }
}

extension ListQuery {
    /// The dead letters of a queue that a query asks for. `since` counts with it, `until` does not.
    static func deadLetters(
        _ request: Request
    ) throws(Problem) -> (filter: DeadLetterFilter, cursor: DeadLetter.ID?, limit: Int) {
        var query = ListQuery(request, names: ["reason", "kind", "error", "since", "until"])
        let filter = DeadLetterFilter(
            reason: query.text("reason").map(DeadReason.init), kind: query.text("kind"), error: query.text("error"),
            diedBefore: query.moment("until"), diedAfter: query.moment("since").map { $0 - 1 })
        let cursor = query.value("cursor", "must be one that a list gave") { DeadLetter.ID($0) }
        let limit = query.limit()
        try query.check()
        return (filter, cursor, limit)
    }
}
