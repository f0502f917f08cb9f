import Messaging

/// Where traces go, and how many.
public struct TraceSettings: Sendable {
    /// The collector's address for traces: `http://collector:4318/v1/traces`.
    public var url: String
    /// Of each post: its credentials.
    public var headers: [(name: String, value: String)]
    /// `posthaste-worker`
    public var service: String
    public var version: String
    /// Of the traces that begin here, the share that is recorded.
    public var ratio: Double
    /// How many spans wait at most, and how many are sent at a time.
    var capacity = 8192
    var batch = 512
    /// How long spans are gathered.
    var delay: Duration = .seconds(1)
    /// For one post.
    var timeout: Duration = .seconds(10)
    /// How often a batch is posted, and how long is waited in between, where the collector does not say.
    var tries = 5
    var backoff: Duration = .milliseconds(500)
    var longestWait: Duration = .seconds(30)
    /// How long the end of the process waits for what is left.
    var farewell: Duration = .seconds(3)

    public init(
        url: String, headers: [(name: String, value: String)] = [], service: String, version: String, ratio: Double = 1
    ) {
        self.url = url
        self.headers = headers
        self.service = service
        self.version = version
        self.ratio = ratio
    }
}

extension TraceSettings {
    /// Where a collector of an address takes traces: below it, at `v1/traces`.
    ///
    /// - Returns: nil where it is no http or https address, or has a user name or a query.
    public static func endpoint(_ text: String) -> String? {
        guard WebAddress.fault(in: text) == nil, !text.contains("?"), !text.contains("#") else { return nil }
        return "\(text.hasSuffix("/") ? String(text.dropLast()) : text)/v1/traces"
    }

    /// Reads `name=value,name=value`, values percent-encoded.
    /// Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
    public static func headers(_ text: String) -> [(name: String, value: String)]? {
        var headers: [(name: String, value: String)] = []
        for part in text.split(separator: ",") {
            guard let sign = part.firstIndex(of: "=") else { return nil }
            let name = String(part[..<sign]).trimmed
            let value = String(part[part.index(after: sign)...]).trimmed.percentDecoded
            guard let value, !name.isEmpty, name.utf8.allSatisfy(isTokenByte),
                value.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
            else { return nil }
            headers.append((name, value))
        }
        return headers.isEmpty ? nil : headers
    }

    /// Source: RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension String {
    /// Nil where it is not percent-encoded as it should be.
    fileprivate var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let text = String(digits), let value = UInt8(text, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
