import HTTPTypes
import Hummingbird
import Tracing

/// The trace that a request is part of, as it says itself.
/// Source: https://www.w3.org/TR/trace-context/ (level 1, sections 3.2 and 3.3)
struct TraceContext: Sendable, Equatable {
    /// `traceparent`, as it came.
    let parent: String
    /// `tracestate`; nil where there is none, or where it breaks the rules.
    let state: String?

    /// Of the whole trace: 32 hexadecimal digits.
    var id: Substring { parent.dropFirst(3).prefix(32) }

    /// - Returns: nil where there is no `traceparent` or one that breaks the rules: such a request begins a trace.
    init?(_ headers: HTTPFields) {
        guard let parent = headers[.traceparent], Self.isParent(parent) else { return nil }
        self.parent = parent
        // Several fields are joined with a comma, as section 3.3.1 wants it.
        state = headers[.tracestate].flatMap { Self.isState($0) ? $0 : nil }
    }

    /// - Parameter fields: as a job carries them.
    init?(_ fields: [String: String]) {
        guard let parent = fields["traceparent"], Self.isParent(parent) else { return nil }
        self.parent = parent
        state = fields["tracestate"].flatMap { Self.isState($0) ? $0 : nil }
    }

    /// Whether the queue's client knows of it: this task runs in a span of it.
    var isCurrent: Bool { ServiceContext.current != nil }

    /// What a job carries.
    var fields: [String: String] {
        var fields = ["traceparent": parent]
        fields["tracestate"] = state
        return fields
    }

    private static func isParent(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count >= 55, bytes.count <= 128, isHex(bytes[0..<2]), !(bytes[0] == f && bytes[1] == f),
                bytes[2] == dash, isID(bytes[3..<35]), bytes[35] == dash, isID(bytes[36..<52]), bytes[52] == dash,
                isHex(bytes[53..<55])
            else { return false }
            // Later versions may have more after another dash, version 00 has not.
            if bytes[0] == zero, bytes[1] == zero { return bytes.count == 55 }
            return bytes.count == 55 || bytes[55] == dash && bytes.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }

    /// Bounded by what each must pass on at least (section 3.3.1.5): 512 characters, of 32 members.
    private static func isState(_ text: String) -> Bool {
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) }) else {
            return false
        }
        let members = text.split(separator: ",").map { $0.drop { $0 == " " || $0 == "\t" } }.filter { !$0.isEmpty }
        return (1...32).contains(members.count) && members.allSatisfy { $0.contains("=") && $0.first != "=" }
    }

    private static let (dash, zero, f) = (UInt8(ascii: "-"), UInt8(ascii: "0"), UInt8(ascii: "f"))

    private static func isHex(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        bytes.allSatisfy { byte in
            (zero...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...f).contains(byte)
        }
    }

    private static func isID(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        isHex(bytes) && bytes.contains { $0 != zero }
    }
}
