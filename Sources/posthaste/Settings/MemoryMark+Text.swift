import JobRuntime

extension QueueLimits.MemoryMark {
    static let syntax = "a share of maxmemory such as 80%, or bytes such as 512mb"

    /// Reads a share, `80%`, or a size as redis.conf has it: `512mb`, `2gb`, `1048576`; `m` and `g` are powers of 1000.
    init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), percent > 0, percent <= 100 else { return nil }
            self = .share(percent / 100)
            return
        }
        let units: [String: Int64] = [
            "": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1_000_000, "mb": 1 << 20, "g": 1_000_000_000, "gb": 1 << 30,
        ]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        // A mark below a mebibyte is a slip: an empty Redis uses more.
        guard let unit = units[text.dropFirst(digits.count).lowercased()], let count = Int64(digits),
            case let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: unit), !isTooLarge, bytes >= 1 << 20
        else { return nil }
        self = .bytes(bytes)
    }
}
