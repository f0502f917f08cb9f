/// The statements that a connection has prepared.
struct PlanCache {
    struct Key: Hashable {
        let sql: String
        let types: [UInt32]

        init(_ query: PostgresQuery, _ parameters: [PostgresValue]) {
            sql = query.sql
            types = parameters.map(\.oid)
        }
    }

    enum Plan {
        case known(name: String)
        /// To be prepared under this name; it counts as prepared from now on, unless it is forgotten.
        case new(name: String)
        case unprepared
    }

    /// The server keeps each in memory: a program that makes its statements up as it goes must not fill it.
    private static let most = 500

    private var names: [Key: String] = [:]
    private var made = 0

    mutating func plan(for key: Key) -> Plan {
        if let name = names[key] { return .known(name: name) }
        guard names.count < Self.most else { return .unprepared }
        made += 1
        names[key] = "p\(made)"
        return .new(name: "p\(made)")
    }

    mutating func forget(_ key: Key) { names[key] = nil }
}
