/// The types that parameters can have.
public enum PostgresType: Sendable, Hashable, CaseIterable {
    case int8, int4, int2, float8, bool, text, uuid, timestamptz, json, bytea

    /// The type's number in `pg_type`, which is the same in every Postgres.
    var oid: UInt32 {
        switch self {
        case .int8: 20
        case .int4: 23
        case .int2: 21
        case .float8: 701
        case .bool: 16
        case .text: 25
        case .uuid: 2950
        case .timestamptz: 1184
        case .json: 114
        case .bytea: 17
        }
    }

    var arrayOID: UInt32 {
        switch self {
        case .int8: 1016
        case .int4: 1007
        case .int2: 1005
        case .float8: 1022
        case .bool: 1000
        case .text: 1009
        case .uuid: 2951
        case .timestamptz: 1185
        case .json: 199
        case .bytea: 1001
        }
    }
}
