import Delivery
import JobRuntime
import Messaging
import NIOCore

/// What the access log has of one request. No path, no query and nothing of a body: addresses may be in them.
struct AccessLine {
    var id: String
    /// Nil: it never became a request.
    var method: String?
    /// With the names of its parameters instead of their values; nil: there is none.
    var route: String?
    var status: Int
    var nanoseconds: Int64 = 0
    var bytesIn = 0
    var bytesOut = 0
    var caller: String?
    var client: IPAddress?
    var trace: Substring?

    /// Appends a JSON object and the end of its line.
    func write(to bytes: inout [UInt8], at now: Int64) {
        bytes.append(literal: "{\"time\":\"")
        bytes.append(contentsOf: RFC3339.string(unixMilliseconds: now).utf8)
        bytes.append(literal: "\",\"id\":\"")
        bytes.append(contentsOf: id.utf8)
        bytes.append(literal: "\"")
        if let method { bytes.append(member: ",\"method\":\"", method) }
        if let route { bytes.append(member: ",\"route\":\"", route) }
        bytes.append(literal: ",\"status\":")
        bytes.append(number: status)
        bytes.append(literal: ",\"ms\":")
        bytes.append(number: Int(nanoseconds / 1_000_000))
        bytes.append(literal: ".")
        let rest = Int(nanoseconds / 1000 % 1000)
        for divisor in [100, 10, 1] { bytes.append(UInt8(ascii: "0") + UInt8(rest / divisor % 10)) }
        bytes.append(literal: ",\"in\":")
        bytes.append(number: bytesIn)
        bytes.append(literal: ",\"out\":")
        bytes.append(number: bytesOut)
        if let caller { bytes.append(member: ",\"caller\":\"", caller) }
        if let client { bytes.append(member: ",\"client\":\"", client.description) }
        if let trace { bytes.append(member: ",\"trace\":\"", String(trace)) }
        bytes.append(literal: "}\n")
    }
}

extension [UInt8] {
    fileprivate mutating func append(literal text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// - Parameter name: with all that stands before the value.
    fileprivate mutating func append(member name: StaticString, _ value: String) {
        append(literal: name)
        var value = value
        value.withUTF8 { text in
            if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                append(contentsOf: text)
            } else {
                for byte in text { append(escaping: byte) }
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            append(UInt8(ascii: "\\"))
            append(byte)
        // A name with control characters is nobody's: how it is shown does not matter.
        case ..<0x20: append(UInt8(ascii: "?"))
        default: append(byte)
        }
    }

    fileprivate mutating func append(number: Int) {
        guard number > 9 else { return append(UInt8(ascii: "0") + UInt8(clamping: number)) }
        let start = count
        var rest = number
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        self[start...].reverse()
    }
}
