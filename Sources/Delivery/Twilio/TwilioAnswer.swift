import FoundationEssentials
import Messaging
import NIOCore
import NIOFoundationCompat

/// What Twilio's answer to a POST of a message means. A pure function of it.
enum TwilioAnswer {
    private static let byStatus = VendorVerdict(vendor: "twilio")

    /// - Parameter now: Unix seconds.
    static func verdict(_ exchange: Exchange, now: Int64) -> Verdict {
        switch exchange {
        case .failed(let failure): byStatus.verdict(failure)
        case .answered(let answer) where (200..<300).contains(answer.status): accepted(answer)
        case .answered(let answer): failed(answer, now: now)
        }
    }

    /// 201 is Twilio's word that the message exists, even if the rest of the answer was lost. Any other success without
    /// a sid did not come from Twilio's API.
    private static func accepted(_ answer: HTTPAnswer) -> Verdict {
        let message = Message(answer.body)
        guard message?.isWhole == true || answer.status == 201 else {
            return .ambiguous(
                Fault(
                    provider: "twilio", what: "answered without a message's sid (HTTP \(answer.status))",
                    remedy: "Check that the base URL is Twilio's, and look the message up before sending it again."))
        }
        return .accepted(Receipt(provider: "twilio", id: message?.sid, segments: message?.segments))
    }

    /// The code decides, then the status: Twilio answers 400 to what is wrong with the recipient, the content, the
    /// sender's registration and the queue alike.
    private static func failed(_ answer: HTTPAnswer, now: Int64) -> Verdict {
        let code = (try? JSONDecoder().decode(Failure.self, from: answer.body))?.code
        guard code != nil || answer.status != 400 else {
            // 400 alone says neither what is wrong nor whether it lasts; nothing was sent.
            return .transient(
                Fault(
                    provider: "twilio", what: "answered 400 without a code, or its answer was cut off",
                    remedy: "It is tried again; if this goes on, check that the base URL is Twilio's."))
        }
        guard let code, let row = TwilioCode.known[code] else {
            return byStatus.verdict(answer, code: code, now: now)
        }
        return row.verdict(of: "twilio", answer, now: now)
    }

    /// The part of a 201 that matters. Every message has one, and a decoder takes longer for it than for all else
    /// that is done with it.
    private struct Message {
        let sid: String
        private(set) var segments: Int?
        /// Whether it is a JSON object to its end. What was cut off may have told the sid all the same.
        private(set) var isWhole = false

        /// - Returns: nil where there is no sid.
        init?(_ text: ByteBuffer) {
            var sid: String?
            do throws(JSONSyntaxError) {
                var json = JSONScanner(text)
                try json.beginObject()
                while let name = try json.nextKey() {
                    let isString = try json.peek() == .string
                    switch name {
                    case "sid" where isString: sid = try json.string()
                    // Numbers are strings there.
                    case "num_segments" where isString: segments = Int(try json.string())
                    default: try json.skipValue()
                    }
                }
                try json.finish()
                isWhole = true
            } catch {}
            guard let sid else { return nil }
            self.sid = sid
        }
    }

    /// Both shapes of an error, Twilio's own and RFC 9457's, have the code at the top.
    private struct Failure: Decodable {
        let code: Int
    }
}
