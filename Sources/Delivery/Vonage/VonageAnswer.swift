import FoundationEssentials
import Messaging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// What Vonage's answer to a POST of a message means. A pure function of it.
///
/// The answer has one part for each segment, and each part a status of its own. Once one was taken, the message is
/// accepted: sending it again would repeat that part.
struct VonageAnswer {
    let verdict: Verdict

    /// Why parts of an accepted message were not taken.
    let faultOfParts: Fault?

    private static let byStatus = VendorVerdict(vendor: "vonage")

    /// - Parameter now: Unix seconds.
    init(_ exchange: Exchange, now: Int64) {
        switch exchange {
        case .failed(let failure): self.init(Self.byStatus.verdict(failure))
        case .answered(let answer): self.init(answer, now: now)
        }
    }

    private init(_ verdict: Verdict, faultOfParts: Fault? = nil) {
        self.verdict = verdict
        self.faultOfParts = faultOfParts
    }

    private init(_ answer: HTTPAnswer, now: Int64) {
        let parts = (try? JSONDecoder().decode(Answer.self, from: answer.body))?.messages ?? []
        let accepted = parts.filter { $0.status == 0 }
        let failures = parts.filter { $0.status != 0 }.map { $0.verdict(answer, now: now) }
        guard !accepted.isEmpty else {
            self.init(failures.first(where: \.isAmbiguous) ?? failures.first ?? Self.unread(answer, now: now))
            return
        }
        let receipt = Receipt(
            provider: "vonage", id: accepted.lazy.compactMap(\.id).first { $0.isVendorID }, segments: accepted.count)
        var fault = failures.lazy.compactMap(\.fault).first
        fault?.what += " (\(failures.count) of \(parts.count) parts were not taken)"
        self.init(.accepted(receipt), faultOfParts: fault)
    }

    /// An answer without parts is no answer of the SMS API, or was cut off.
    private static func unread(_ answer: HTTPAnswer, now: Int64) -> Verdict {
        guard (200..<300).contains(answer.status) else { return byStatus.verdict(answer, now: now) }
        return .ambiguous(
            Fault(
                provider: "vonage", what: "answered without a message's status (HTTP \(answer.status))",
                remedy: "Check that the base URL is Vonage's, and look the message up before sending it again."))
    }

    private struct Answer: Decodable {
        let messages: [Part]
    }

    /// Numbers are strings there.
    private struct Part: Decodable {
        let status: Int?
        let id: String?

        enum CodingKeys: String, CodingKey {
            case status
            case id = "message-id"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            status =
                (try? members.decode(String.self, forKey: .status)).flatMap { Int($0) }
                ?? (try? members.decode(Int.self, forKey: .status))
            id = try? members.decode(String.self, forKey: .id)
        }

        /// Of a part that was not taken.
        func verdict(_ answer: HTTPAnswer, now: Int64) -> Verdict {
            guard let row = status.flatMap({ VonageCode.known[$0] }) else {
                return .ambiguous(
                    Fault(
                        provider: "vonage", code: status, what: "answered with a status that is not known here",
                        remedy: "It may have been sent: look it up at Vonage before sending it again."))
            }
            return row.verdict(of: "vonage", answer, now: now)
        }
    }
}

extension Verdict {
    fileprivate var isAmbiguous: Bool {
        if case .ambiguous = self { true } else { false }
    }
}
