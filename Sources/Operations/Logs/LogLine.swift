import Logging

/// The bytes of one record.
struct LogLine {
    private(set) var bytes: [UInt8] = []
    private let format: LogFormat

    /// Of its own, a line has these: metadata of the same name is called `metadata.<name>`.
    private static let own: Set<String> = ["time", "level", "logger", "message"]

    init(_ format: LogFormat) {
        self.format = format
        bytes.reserveCapacity(512)
    }

    mutating func begin(time: String, level: String, logger: String, message: String) {
        switch format {
        case .json:
            append(literal: "{\"time\":\"")
            bytes.append(contentsOf: time.utf8)
            append(literal: "\",\"level\":\"")
            bytes.append(contentsOf: level.utf8)
            append(literal: "\",\"logger\":")
            LogText.appendQuoted(logger, to: &bytes)
            append(literal: ",\"message\":")
            LogText.appendQuoted(message, to: &bytes)
        case .text:
            bytes.append(contentsOf: time.utf8)
            append(literal: " ")
            bytes.append(contentsOf: level.utf8)
            append(literal: " ")
            LogText.appendEscaped(message, to: &bytes)
        }
    }

    mutating func append(_ metadata: [(key: String, value: Logger.MetadataValue)], under prefix: String = "") {
        for (key, value) in metadata {
            let name = prefix + key
            if case .dictionary(let members) = value {
                append(members.sorted { $0.key < $1.key }, under: name + ".")
            } else {
                appendName(prefix.isEmpty && Self.own.contains(key) ? "metadata.\(key)" : name)
                appendValue(value)
            }
        }
    }

    mutating func end() { append(literal: format == .json ? "}\n" : "\n") }

    private mutating func appendName(_ name: String) {
        append(literal: format == .json ? ",\"" : " ")
        for byte in name.utf8 { bytes.append(LogText.isNameByte(byte) ? byte : UInt8(ascii: "_")) }
        append(literal: format == .json ? "\":" : "=")
    }

    private mutating func appendValue(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): append(text: text)
        case .stringConvertible(let value): append(value)
        case .array(let values):
            guard format == .json else { return append(text: "\(value)") }
            append(literal: "[")
            for (index, value) in values.enumerated() {
                if index > 0 { append(literal: ",") }
                appendValue(value)
            }
            append(literal: "]")
        case .dictionary: append(text: "\(value)")
        }
    }

    /// Numbers and truth values as such.
    private mutating func append(_ value: any CustomStringConvertible) {
        switch value {
        case let number as Int: bytes.append(contentsOf: number.description.utf8)
        case let number as Double where number.isFinite: bytes.append(contentsOf: number.description.utf8)
        case let number as Int64: bytes.append(contentsOf: number.description.utf8)
        case let bool as Bool: append(literal: bool ? "true" : "false")
        default: append(text: value.description)
        }
    }

    private mutating func append(text: String) {
        switch format {
        case .json: LogText.appendQuoted(text, to: &bytes)
        case .text: LogText.appendWord(text, to: &bytes)
        }
    }

    private mutating func append(literal text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
