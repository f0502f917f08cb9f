package import NIOCore
import NIOFoundationCompat

#if canImport(FoundationEssentials)
    import class FoundationEssentials.JSONDecoder
    import class FoundationEssentials.JSONEncoder
#else
    import class Foundation.JSONDecoder
    import class Foundation.JSONEncoder
#endif

/// What travels with a job beside its payload: the field `meta` of its entry, a JSON object.
public struct JobMeta: Sendable, Equatable {
    /// The lane, written as `priority`; not written when it is the normal one.
    public var lane: Lane = .normal

    /// Unix milliseconds of Redis's clock after which the job is not to be run any more.
    public var expiresAt: Int64?

    /// The trace that the job belongs to: the headers of W3C Trace Context, `traceparent` and `tracestate`.
    /// Source: https://www.w3.org/TR/trace-context/
    public var trace: [String: String] = [:]

    /// How often the job has been put off without an attempt being spent.
    public var snoozes = 0

    /// Since when no worker that was given the job has had a handler for its kind, in Unix milliseconds.
    public var parkedAt: Int64?

    /// When the job was last taken back from the dead letters, in Unix milliseconds; its age counts from then.
    public var redrivenAt: Int64?

    /// When the job was last put back because it was nowhere (``JobStore/restore(_:)``), in Unix milliseconds; its age
    /// counts from then.
    public var restoredAt: Int64?

    /// What the handler of an earlier attempt left for the next one (``Outcome/retry(error:after:memo:)``).
    public var memo: String?

    /// Whether an earlier attempt may have had its effect (``JobMemo/inDoubt``).
    public var inDoubt = false

    public init(lane: Lane = .normal, expiresAt: Int64? = nil) {
        self.lane = lane
        self.expiresAt = expiresAt
    }
}

extension JobMeta: Codable {
    private enum CodingKeys: String, CodingKey {
        case traceparent, tracestate, priority, snoozes, memo
        case expiresAt = "expires_at"
        case parkedAt = "parked_at"
        case redrivenAt = "redriven_at"
        case restoredAt = "restored_at"
        case inDoubt = "in_doubt"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        // Somebody else may have written the entry: an unknown priority is a normal one.
        lane = try fields.decodeIfPresent(String.self, forKey: .priority).flatMap(Lane.init) ?? .normal
        expiresAt = try fields.decodeIfPresent(Int64.self, forKey: .expiresAt)
        snoozes = try fields.decodeIfPresent(Int.self, forKey: .snoozes) ?? 0
        parkedAt = try fields.decodeIfPresent(Int64.self, forKey: .parkedAt)
        redrivenAt = try fields.decodeIfPresent(Int64.self, forKey: .redrivenAt)
        restoredAt = try fields.decodeIfPresent(Int64.self, forKey: .restoredAt)
        memo = try fields.decodeIfPresent(String.self, forKey: .memo)
        inDoubt = try fields.decodeIfPresent(Bool.self, forKey: .inDoubt) ?? false
        trace["traceparent"] = try fields.decodeIfPresent(String.self, forKey: .traceparent)
        trace["tracestate"] = try fields.decodeIfPresent(String.self, forKey: .tracestate)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        if lane != .normal { try fields.encode(lane, forKey: .priority) }
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        if snoozes > 0 { try fields.encode(snoozes, forKey: .snoozes) }
        try fields.encodeIfPresent(parkedAt, forKey: .parkedAt)
        try fields.encodeIfPresent(redrivenAt, forKey: .redrivenAt)
        try fields.encodeIfPresent(restoredAt, forKey: .restoredAt)
        try fields.encodeIfPresent(memo, forKey: .memo)
        if inDoubt { try fields.encode(inDoubt, forKey: .inDoubt) }
        try fields.encodeIfPresent(trace["traceparent"], forKey: .traceparent)
        try fields.encodeIfPresent(trace["tracestate"], forKey: .tracestate)
    }
}

extension JobMeta {
    /// Puts a new memo in the place of the old one; nil leaves it, an empty one takes it away.
    mutating func leave(_ memo: JobMemo?) {
        guard let memo else { return }
        self.memo = memo.text.isEmpty ? nil : memo.text
        inDoubt = memo.inDoubt
    }

    /// The Unix milliseconds that can be calculated with.
    package static let moments: ClosedRange<Int64> = 0...1 << 53

    /// Somebody else may have written the entry: a number out of all range must not end the process.
    package var isPlausible: Bool {
        func isMoment(_ value: Int64?) -> Bool { value.map(Self.moments.contains) ?? true }
        return (0...1 << 53).contains(snoozes) && [parkedAt, redrivenAt, restoredAt].allSatisfy(isMoment)
    }

    private static let empty = JobMeta()
    private static let emptyJSON = ByteBuffer(string: "{}")

    /// As the entry has it. Most jobs have nothing to say.
    package var json: String {
        if self == Self.empty { return "{}" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // A dictionary of strings and numbers can always be written.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// - Returns: nil when it is no such object.
    package init?(json: ByteBuffer) {
        self.init()
        // No other object is as short.
        if json.readableBytes == 2, json == Self.emptyJSON { return }
        guard let meta = try? JSONDecoder().decode(JobMeta.self, from: json) else { return nil }
        self = meta
    }
}
