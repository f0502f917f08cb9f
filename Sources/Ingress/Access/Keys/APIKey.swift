import Messaging

/// One API key as it is configured: who has it, and what they may do. The key itself is not in it.
///
/// An entry is text without spaces, its fields separated by colons:
///
///     shop:sha256:9f86…0a08:send+read:tenant=acme:rate=600/60:quota=100000/d:expires=2027-01-01
///
/// - a name, up to 40 letters, digits, dots, hyphens and underscores. It stands in the log, and has the limits;
/// - `sha256` and the key's SHA-256 in hexadecimal;
/// - what it may do: `send`, `read` and `operate`, joined by `+`;
/// - then, each where it is wanted, in any order: `tenant=` whose messages it sends and sees (else the name is the tenant,
///   and of a key that may `operate` everybody is), `rate=` in place of `RATE_LIMIT_REQUESTS` and `RATE_LIMIT_PERIOD`,
///   `quota=` of messages per hour (`/h`), day (`/d`) or `/month` of the calendar in UTC, and `expires=` with the day at
///   whose beginning, in UTC, it ends.
///
/// Entries may share a name: then they are one caller, who goes from the one key to the other. They share its limits, and
/// must have the same tenant.
package struct APIKey: Sendable, Equatable {
    package let digest: KeyDigest
    let caller: Caller
    package var rate: RateLimit?
    package var quota: Quota?
    /// The day as it was written.
    package var expires: String?

    package var name: String { caller.name }
    package var tenant: String? { caller.tenant }
    package var scopes: [String] { Caller.Scope.allCases.filter(caller.may).map(\.rawValue) }

    /// When it ends, Unix milliseconds.
    var end: Int64? { expires.flatMap(Self.begin) }

    private static func begin(ofDay day: String) -> Int64? { RFC3339.unixMilliseconds(day + "T00:00:00Z") }

    /// Reads an entry.
    package init(_ entry: some StringProtocol) throws(KeyFault) {
        let fields = entry.split(separator: ":", omittingEmptySubsequences: false).map { Substring($0) }
        // Before that it is sure to be an entry nothing of it is shown: it may be a secret in the wrong place.
        guard fields.count >= 3, fields[1] == "sha256" else {
            throw KeyFault("expected name:sha256:digest:scopes, as posthaste keys new prints it")
        }
        guard Self.isName(fields[0]) else {
            throw KeyFault("its name must have 1 to 40 letters, digits, dots, hyphens and underscores")
        }
        let name = String(fields[0])
        do throws(KeyFault) {
            try self.init(name: name, fields[2...])
        } catch {
            throw KeyFault(name: name, error.reason)
        }
    }

    private init(name: String, _ fields: ArraySlice<Substring>) throws(KeyFault) {
        guard let hex = fields.first, let digest = KeyDigest(hex: hex) else {
            throw KeyFault("its SHA-256 must have 64 hexadecimal digits")
        }
        self.digest = digest
        let scopes = fields.dropFirst().first?.split(separator: "+").map { Caller.Scope(rawValue: String($0)) } ?? []
        guard !scopes.isEmpty, !scopes.contains(nil) else {
            throw KeyFault("its scopes must be send, read or operate, joined by +")
        }
        var caller = Caller(name: name, tenant: nil, scopes: Set(scopes.compactMap(\.self)))
        if !caller.may(.operate) { caller.tenant = name }
        for field in fields.dropFirst(2) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1] : ""
            switch parts[0] {
            case "tenant":
                guard Self.isName(value) else {
                    throw KeyFault("its tenant must have 1 to 40 letters, digits, dots, hyphens and underscores")
                }
                caller.tenant = String(value)
            case "rate":
                rate = RateLimit(value)
                if rate == nil { throw KeyFault("its rate must be \(RateLimit.syntax)") }
            case "quota":
                quota = Quota(value)
                if quota == nil { throw KeyFault("its quota must be \(Quota.syntax)") }
            case "expires":
                expires = String(value)
                if Self.begin(ofDay: String(value)) == nil {
                    throw KeyFault("its end must be a day such as 2027-01-01")
                }
            default:
                throw KeyFault("after its scopes only tenant=, rate=, quota= and expires= can stand")
            }
        }
        // What an operator sees and does is everybody's: a tenant would only look as if it were a bound.
        guard caller.tenant == nil || !caller.may(.operate) else {
            throw KeyFault("with the scope operate it can have no tenant: give the tenant a key of its own")
        }
        self.caller = caller
    }

    /// Letters that mean nothing to Redis, to a log or to a path. What begins as a key does is a key.
    private static func isName(_ text: Substring) -> Bool {
        (1...40).contains(text.utf8.count) && !text.hasPrefix(KeyText.prefix)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

/// What is wrong with an entry; the entry itself is not told.
package struct KeyFault: Error, Equatable, CustomStringConvertible {
    /// Which entry it is: `entry 2`, `line 14`.
    var place: String?
    var name: String?
    var reason: String

    package init(place: String? = nil, name: String? = nil, _ reason: String) {
        self.place = place
        self.name = name
        self.reason = reason
    }

    package var description: String {
        let which = [place, name.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
        return which.isEmpty ? reason : "\(which): \(reason)"
    }
}
