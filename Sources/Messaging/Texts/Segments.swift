/// How a text is cut into the segments that a text message is sent, charged and throttled by.
///
/// A text that is GSM-7 throughout fits into one segment up to 160 septets, and into segments of 153 beyond that, for
/// then each carries a header of six bytes. Any other text goes as UCS-2, 70 and 67 units of UTF-16. Nothing that takes
/// two places, an escaped character or a surrogate pair, is cut in two: where only one place is left, it stays empty.
/// So the count is that of filling one segment after the other, and may be more than length divided by 153 or 67.
/// Source: 3GPP TS 23.038, section 6.2.1 (alphabet), and TS 23.040, section 9.2.3.24.1 (concatenation).
public struct Segments: Sendable, Equatable {
    public enum Encoding: String, Sendable {
        case gsm7
        case ucs2
    }

    public let encoding: Encoding

    /// At least 1: an empty text is one segment, too.
    public let count: Int

    public init(_ text: String) {
        if let septets = GSM7.septetsOfPlainASCII(text) {
            encoding = .gsm7
            // Nothing takes two places.
            count = septets <= 160 ? 1 : (septets + 152) / 153
            return
        }
        var gsm = Filling(single: 160, part: 153)
        var isGSM = true
        var ucs = Filling(single: 70, part: 67)
        for scalar in text.unicodeScalars {
            ucs.add(scalar.value > 0xFFFF ? 2 : 1)
            guard isGSM else { continue }
            let septets = GSM7.septets(of: scalar)
            isGSM = septets > 0
            gsm.add(septets)
        }
        encoding = isGSM ? .gsm7 : .ucs2
        count = isGSM ? gsm.segments : ucs.segments
    }
}

/// Segments being filled one after the other.
private struct Filling {
    let single: Int
    let part: Int
    private var total = 0
    private var parts = 1
    private var room: Int

    init(single: Int, part: Int) {
        self.single = single
        self.part = part
        room = part
    }

    /// Adds what must stay together.
    mutating func add(_ places: Int) {
        total += places
        if places > room {
            parts += 1
            room = part
        }
        room -= places
    }

    var segments: Int { total <= single ? 1 : parts }
}
