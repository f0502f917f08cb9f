import Hummingbird
import Ledger
import Messaging

/// The query of a list, and all that is wrong with it: a parameter that is not known, is given twice or cannot be read.
struct ListQuery {
    static let limits = 1...100

    private var values: [String: String] = [:]
    private var faults = Faults()

    /// - Parameters:
    ///   - names: the parameters that the list has beside `limit` and `cursor`.
    ///   - many: those that may be given several times, or with commas between their values.
    init(_ request: Request, names: Set<String>, many: Set<String> = [], isPaged: Bool = true) {
        let known = names.union(many).union(isPaged ? ["limit", "cursor"] : [])
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            if !known.contains(name) {
                faults.add("is not a parameter of this list", at: name)
            } else if let earlier = values[name] {
                if many.contains(name) {
                    values[name] = "\(earlier),\(value)"
                } else {
                    faults.add("is given twice", at: name)
                }
            } else {
                values[name] = String(value)
            }
        }
    }

    func check() throws(Problem) {
        guard faults.isEmpty else { throw .invalidQuery(faults) }
    }

    mutating func text(_ name: String) -> String? { value(name, "must not be empty") { $0.isEmpty ? nil : $0 } }

    mutating func value<Value>(_ name: String, _ fault: String, _ read: (String) -> Value?) -> Value? {
        guard let text = values[name] else { return nil }
        // Postgres has no U+0000 in its texts.
        guard !text.utf8.contains(0), let value = read(text) else {
            faults.add(fault, at: name)
            return nil
        }
        return value
    }

    mutating func words<Word: RawRepresentable<String> & CaseIterable & Hashable>(_ name: String) -> Set<Word> {
        let choices = Word.allCases.map(\.rawValue).joined(separator: ", ")
        let words: Set<Word>? = value(name, "must be one of \(choices), or several with commas between") { text in
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map { Word(rawValue: String($0)) }
            return words.contains(nil) ? nil : Set(words.compactMap(\.self))
        }
        return words ?? []
    }

    mutating func moment(_ name: String) -> Int64? {
        value(name, "must be a moment such as 2026-02-28T12:00:00Z (RFC 3339)") { RFC3339.unixMilliseconds($0) }
    }

    mutating func limit() -> Int {
        let range = Self.limits
        return value("limit", "must be a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? 20
    }

    mutating func cursor() -> MessageCursor? { value("cursor", "must be one that a list gave") { MessageCursor($0) } }
}

extension ListQuery {
    /// Only who sees all can ask for one tenant's.
    static func tenancy(_ caller: Caller) -> Set<String> { caller.tenant == nil ? ["tenant"] : [] }

    /// Whose messages are meant; nil: everybody's.
    mutating func tenant(_ caller: Caller) -> String? { caller.tenant ?? text("tenant") }

    private static let filters: Set<String> = ["from", "to", "direction", "since", "until"]

    /// The messages that a query asks for.
    ///
    /// - Parameter conversation: whose messages; nil: those that the query names.
    static func messages(
        _ request: Request, for caller: Caller, of conversation: ConversationID? = nil
    ) throws(Problem) -> (filter: MessageFilter, cursor: MessageCursor?, limit: Int) {
        var query = ListQuery(
            request, names: (conversation == nil ? filters.union(["conversation"]) : filters).union(tenancy(caller)),
            many: ["type", "status"])
        var filter = MessageFilter()
        filter.tenant = query.tenant(caller)
        filter.channels = query.words("type")
        filter.statuses = query.words("status")
        filter.sender = query.text("from")
        filter.recipient = query.text("to")
        filter.direction = query.value("direction", "must be outbound or inbound") { Direction(rawValue: $0) }
        filter.conversation =
            conversation ?? query.value("conversation", "must be the id of a conversation") { ConversationID($0) }
        filter.since = query.moment("since")
        filter.until = query.moment("until")
        let (cursor, limit) = (query.cursor(), query.limit())
        try query.check()
        return (filter, cursor, limit)
    }

    static func conversations(
        _ request: Request, for caller: Caller
    ) throws(Problem) -> (filter: ConversationFilter, cursor: MessageCursor?, limit: Int) {
        var query = ListQuery(request, names: tenancy(caller).union(["type"]), many: ["participant"])
        var filter = ConversationFilter()
        filter.tenant = query.tenant(caller)
        filter.channel = query.value("type", "must be a type of message") { Channel(rawValue: $0) }
        filter.participants =
            query.value("participant", "must be one address, or two with a comma between") { text in
                let addresses = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                return addresses.count <= 2 && !addresses.contains("") ? addresses : nil
            } ?? []
        let (cursor, limit) = (query.cursor(), query.limit())
        try query.check()
        return (filter, cursor, limit)
    }
}
