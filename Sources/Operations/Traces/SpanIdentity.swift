import Tracing

/// What a span is known by in other processes: the values of `traceparent` and `tracestate`.
/// Source: https://www.w3.org/TR/trace-context/ (level 1)
struct SpanIdentity: Sendable, Equatable {
    /// The trace, 128 bits, not zero.
    var traceHigh: UInt64
    var traceLow: UInt64
    /// Not zero.
    var span: UInt64
    /// Whether the spans of the trace are recorded.
    var isSampled: Bool
    /// `tracestate`, passed on as it came.
    var state: String?

    var traceparent: String {
        String(unsafeUninitializedCapacity: 55) { text in
            text[0] = UInt8(ascii: "0")
            text[1] = UInt8(ascii: "0")
            for dash in [2, 35, 52] { text[dash] = UInt8(ascii: "-") }
            Self.put(traceHigh, in: text, at: 3)
            Self.put(traceLow, in: text, at: 19)
            Self.put(span, in: text, at: 36)
            text[53] = UInt8(ascii: "0")
            text[54] = isSampled ? UInt8(ascii: "1") : UInt8(ascii: "0")
            return 55
        }
    }

    /// - Returns: nil for what breaks the rules.
    init?(traceparent: String, state: String?) {
        var text = traceparent
        let parts: (UInt64, UInt64, UInt64, UInt64)? = text.withUTF8 { text in
            let isLater = text.count > 55 && text[55] == UInt8(ascii: "-") && !text.starts(with: "00".utf8)
            guard text.count == 55 || isLater, [2, 35, 52].allSatisfy({ text[$0] == UInt8(ascii: "-") }),
                let version = Self.number(text[0..<2]), version != 0xFF, let high = Self.number(text[3..<19]),
                let low = Self.number(text[19..<35]), let span = Self.number(text[36..<52]),
                let flags = Self.number(text[53..<55])
            else { return nil }
            return (high, low, span, flags)
        }
        guard let (high, low, span, flags) = parts, high | low != 0, span != 0 else { return nil }
        (traceHigh, traceLow, self.span, isSampled, self.state) = (high, low, span, flags & 1 == 1, state)
    }

    init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool, state: String? = nil) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.isSampled = isSampled
        self.state = state
    }

    private static func put(_ number: UInt64, in text: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 0xF
            text[start + place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }

    /// Of hexadecimal digits in lower case.
    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

extension ServiceContext {
    private enum Key: ServiceContextKey { typealias Value = SpanIdentity }

    /// The span that the task is in.
    var span: SpanIdentity? {
        get { self[Key.self] }
        set { self[Key.self] = newValue }
    }
}
