import HTTPTypes
import Hummingbird
import Synchronization

/// What a request is called in its answer and in the log (`X-Request-Id`).
enum RequestID {
    /// The client's own, where it is such that it can be written anywhere, else a new one.
    static func of(_ headers: HTTPFields) -> String {
        guard let given = headers[.requestID], isSafe(given) else { return next() }
        return given
    }

    /// 1 to 128 letters, digits and `-_.:/+=@`.
    static func isSafe(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                // '-' '.' '/' and the digits lie side by side, so do '@' and the letters.
                case UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "@")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "="):
                    true
                default: false
                }
            }
    }

    private static let process = UInt64.random(in: .min ... .max)
    private static let count = Atomic(UInt64.random(in: .min ... .max))

    /// 32 hexadecimal digits: 16 of the process, and a number.
    static func next() -> String {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for place in 0..<16 {
                buffer[place] = digit(process, place)
                buffer[place + 16] = digit(number, place)
            }
            return 32
        }
    }

    private static func digit(_ number: UInt64, _ place: Int) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 0xF
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
