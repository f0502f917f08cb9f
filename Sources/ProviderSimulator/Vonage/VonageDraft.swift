import Foundation
import NIOCore

/// The parameters of a text to be sent, and what Vonage would say against them.
struct VonageDraft: Sendable {
    let key: String?
    let secret: String?
    let from: String?
    let to: String?
    let text: String?
    let type: String
    let timeToLive: String?
    let callback: String?
    let reference: String?
    /// Whether a delivery receipt is wanted, as it is unless it is declined.
    let wantsReceipt: Bool

    /// - Parameter parameters: an empty one counts as absent.
    init(_ parameters: (String) -> String?) {
        key = parameters("api_key")
        secret = parameters("api_secret")
        from = parameters("from")
        to = parameters("to")
        text = parameters("text")
        type = parameters("type") ?? "text"
        timeToLive = parameters("ttl")
        callback = parameters("callback")
        reference = parameters("client-ref")
        wantsReceipt = !["0", "false"].contains(parameters("status-report-req") ?? "1")
    }

    var arrival: Arrival {
        Arrival(provider: .vonage, to: to ?? "", from: from, body: text ?? "")
    }

    var segments: Int { Segments.count(text ?? "") }

    /// The first thing wrong; nil if Vonage would take it.
    ///
    /// - Parameter secrets: by key; empty lets in whoever has one.
    func error(secrets: [String: String]) -> VonageError? {
        for (name, value) in [("api_key", key), ("api_secret", secret), ("from", from), ("to", to), ("text", text)]
        where value == nil {
            return .missing(name)
        }
        guard secrets.isEmpty || secrets[key ?? ""] == secret else { return VonageError(4) }
        guard Self.isNumber(to ?? "", 7...15), to?.first != "0" else { return .invalid("to") }
        guard Self.isNumber(from ?? "", 3...15) || Self.isName(from ?? "") else { return VonageError(15) }
        guard ["text", "unicode"].contains(type) else { return .invalid("type") }
        if let timeToLive {
            guard let milliseconds = Int(timeToLive), (20_000...604_800_000).contains(milliseconds) else {
                return .invalid("ttl")
            }
        }
        if let callback, !callback.isWebURL { return VonageError(23) }
        if let reference, reference.count > 100 { return .invalid("client-ref") }
        return (text ?? "").count > 3200 ? VonageError(12) : nil
    }

    /// E.164 without its plus, or a short code.
    private static func isNumber(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
        lengths.contains(text.count) && text.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// An alphanumeric sender.
    private static func isName(_ text: String) -> Bool {
        (1...11).contains(text.count) && text.contains(where: \.isLetter)
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == " ") }
    }
}

extension VonageDraft {
    /// From a form or a JSON object of texts, numbers and truth values; nil: it is neither.
    init?(_ body: ByteBuffer, contentType: String?) {
        guard contentType?.lowercased().hasPrefix("application/json") ?? false else {
            let form = Form(body.readableBytesView)
            self.init { form[$0] }
            return
        }
        guard let object = try? JSONDecoder().decode([String: Scalar].self, from: Data(body.readableBytesView)) else {
            return nil
        }
        self.init { name in object[name].flatMap { $0.text.isEmpty ? nil : $0.text } }
    }

    private struct Scalar: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                text = String(flag)
            } else if let number = try? container.decode(Int.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
