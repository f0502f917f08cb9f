import FoundationEssentials
import JobRuntime
public import Messaging
import NIOCore
import NIOFoundationCompat
public import Redis

/// The addresses that must not be sent to. Kept in Redis, so that what one worker learns all know at once.
public struct SuppressionList: Sendable {
    private let state: DeliveryState

    public init(_ state: DeliveryState) { self.state = state }

    /// Why an address must not be sent to; nil: it may.
    public func find(_ kind: Suppression.Kind, _ address: String) async throws(RedisError) -> Suppression? {
        let field = Suppression.normalized(kind, address)
        let value = try await state.redis.send(RedisCommand("HGET", state.keys.suppressions(kind), field))
        return value.bytes.map { Entry(json: $0).suppression(kind, field) }
    }

    /// Puts an address on the list. One that is on it stays for the reason it has.
    ///
    /// - Returns: whether it was not on it before.
    @discardableResult
    public func add(_ suppression: Suppression) async throws(RedisError) -> Bool {
        try await change(suppression.kind, suppression.address, to: Entry(suppression).json)
    }

    /// - Returns: whether it was on the list.
    @discardableResult
    public func remove(_ kind: Suppression.Kind, _ address: String) async throws(RedisError) -> Bool {
        try await change(kind, Suppression.normalized(kind, address), to: "")
    }

    private static let suppress = script("suppress", PackageResources.suppress_lua)
    private static let consent = script("consent", PackageResources.consent_lua)

    private static func script(_ name: String, _ own: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: String(decoding: PackageResources.standing_lua + own, as: UTF8.self))
    }

    private func change(_ kind: Suppression.Kind, _ address: String, to entry: String) async throws(RedisError) -> Bool
    {
        var call = ScriptCall(Self.suppress)
        call.key(state.keys.suppressions(kind))
        call.key(state.keys.events)
        append(kind, address, entry, to: &call)
        return try await state.redis.run(call).int == 1
    }

    /// Takes in what the owner of an address wants; the latest word counts, whatever the order in which they are told.
    /// Who wants messages again is taken off the list only where they put themselves on it.
    ///
    /// - Parameter moment: Unix milliseconds; when it was said.
    func hear(_ change: ConsentNews.Change, at moment: Int64) async throws(RedisError) {
        let (kind, address, entry) =
            switch change {
            case .suppress(let suppression): (suppression.kind, suppression.address, Entry(suppression).json)
            case .allow(let address, let kind): (kind, Suppression.normalized(kind, address), "")
            }
        var call = ScriptCall(Self.consent)
        call.key(state.keys.suppressions(kind))
        call.key(state.keys.consent(kind, address))
        call.key(state.keys.events)
        append(kind, address, entry, to: &call)
        call.argument(moment)
        _ = try await state.redis.run(call)
    }

    /// - Parameter entry: '' takes the address off the list.
    private func append(_ kind: Suppression.Kind, _ address: String, _ entry: String, to call: inout ScriptCall) {
        call.argument(state.keepsEvents ? "1" : "0")
        call.argument(kind.rawValue)
        call.argument(address)
        call.argument(entry)
    }

    /// A part of the list, in no order, and where to go on.
    public struct Page: Sendable, Equatable {
        public var suppressions: [Suppression]
        /// nil: that was all.
        public var next: String?
    }

    /// Goes through the list. One that changes meanwhile may be missed or come twice.
    ///
    /// - Parameter cursor: ``Page/next`` of the page before; anything else that was made up begins somewhere.
    public func page(_ kind: Suppression.Kind, after cursor: String? = nil) async throws(RedisError) -> Page {
        let reply = try await state.redis.send(
            RedisCommand("HSCAN", state.keys.suppressions(kind), cursor ?? "0", "COUNT", "100"))
        guard let parts = reply.array, parts.count == 2, let next = parts[0].string, let found = parts[1].map else {
            throw .unexpected(reply, of: "HSCAN")
        }
        let suppressions = found.map { Entry(json: $1.bytes ?? ByteBuffer()).suppression(kind, $0) }
        return Page(suppressions: suppressions, next: next == "0" ? nil : next)
    }

    public func count(_ kind: Suppression.Kind) async throws(RedisError) -> Int {
        Int(try await state.redis.send(RedisCommand("HLEN", state.keys.suppressions(kind))).int ?? 0)
    }

    /// What the hash holds beside the address.
    private struct Entry: Codable {
        var reason: Suppression.Reason
        var at: Int64?

        init(_ suppression: Suppression) { (reason, at) = (suppression.reason, suppression.at) }

        /// What a person wrote there by hand suppresses all the same.
        init(json: ByteBuffer) {
            self = (try? JSONDecoder().decode(Entry.self, from: json)) ?? Entry(.manual)
        }

        private init(_ reason: Suppression.Reason) { self.reason = reason }

        var json: String { "{\"reason\":\"\(reason.rawValue)\"" + (at.map { ",\"at\":\($0)" } ?? "") + "}" }

        func suppression(_ kind: Suppression.Kind, _ address: String) -> Suppression {
            Suppression(address: address, kind: kind, reason: reason, at: at)
        }
    }
}
