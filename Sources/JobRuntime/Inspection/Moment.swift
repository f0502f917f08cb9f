#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A moment of Redis's clock, to the millisecond. As text and in JSON it is RFC 3339 in UTC,
/// `2026-02-28T23:59:59.042Z`.
public struct Moment: Sendable, Hashable, Comparable {
    /// Unix milliseconds.
    public let milliseconds: Int64

    public init(_ milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (a: Moment, b: Moment) -> Bool { a.milliseconds < b.milliseconds }
}

extension Moment: LosslessStringConvertible {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    public var description: String {
        // Half a millisecond more, because what is less than a whole one is cut off.
        Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000).formatted(Self.style)
    }

    /// Reads RFC 3339, with or without a fraction of the second, in any time zone.
    public init?(_ description: String) {
        let read = (try? Date(description, strategy: Self.style)) ?? (try? Date(description, strategy: .iso8601))
        guard let read else { return nil }
        milliseconds = Int64((read.timeIntervalSince1970 * 1000).rounded())
    }
}

extension Moment: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Moment(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not RFC 3339: \(text)")
        }
        self = moment
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Moment {
    /// With how long it is from now, as an operator reads it: `2026-02-28T23:59:59.042Z, 5 min ago`.
    package func described(at now: Moment) -> String {
        let distance = milliseconds - now.milliseconds
        return "\(self), " + (distance > 0 ? "in \(ageText(distance))" : "\(ageText(-distance)) ago")
    }
}

/// Milliseconds as one reads them: 40 ms, 3.2 s, 5 min, 2 h, 3 d.
package func ageText(_ milliseconds: Int64) -> String {
    switch milliseconds {
    case ..<1000: "\(milliseconds) ms"
    case ..<60_000: "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    case ..<3_600_000: "\(milliseconds / 60_000) min"
    case ..<172_800_000: "\(milliseconds / 3_600_000) h"
    default: "\(milliseconds / 86_400_000) d"
    }
}
