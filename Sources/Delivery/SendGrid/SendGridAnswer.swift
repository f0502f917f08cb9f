import FoundationEssentials
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// What SendGrid's answer to a mail means. A pure function of it.
enum SendGridAnswer {
    private static let byStatus = VendorVerdict(vendor: "sendgrid")

    /// - Parameter now: Unix seconds.
    static func verdict(_ exchange: Exchange, now: Int64) -> Verdict {
        switch exchange {
        case .failed(let failure):
            byStatus.verdict(failure)
        case .answered(let answer) where (200..<300).contains(answer.status):
            // 202 for a mail, 200 for one in sandbox mode.
            .accepted(Receipt(provider: "sendgrid", id: answer.headers.first(name: "x-message-id")))
        case .answered(let answer):
            byStatus.verdict(answer, detail: field(answer.body).map { "field \($0)" }, now: now)
        }
    }

    /// The member of the request that SendGrid objects to, `personalizations.0.to.0.email`. Its message is left out,
    /// for it may repeat an address; and of the field only what a path is made of is let through.
    private static func field(_ body: ByteBuffer) -> String? {
        guard let failure = try? JSONDecoder().decode(Failure.self, from: body),
            let field = failure.errors.lazy.compactMap(\.field).first, !field.isEmpty, field.utf8.count <= 100,
            field.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            })
        else { return nil }
        return field
    }

    private struct Failure: Decodable {
        struct Item: Decodable { let field: String? }

        let errors: [Item]
    }
}
