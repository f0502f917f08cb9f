import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// How a provider answers us, found out without sending anything.
public enum ProviderStanding: Sendable, Equatable {
    /// It lets us in; with what is to be known of the account.
    case good(String)
    /// It lets us in, and messages will not go out as one would think.
    case doubtful(String)
    /// It does not let us in.
    case refused(String)
    case unreachable(String)
}

extension OutboundHTTP {
    /// Asks a vendor's API something with GET.
    ///
    /// - Parameter judge: what its answer with 200 means; nil: it is not the answer that the vendor gives.
    func standing<Answer: Decodable>(
        _ url: String, authorization: String, _ judge: (Answer) -> ProviderStanding?
    ) async -> ProviderStanding {
        guard
            let request = try? HTTPClient.Request(
                url: url, headers: ["authorization": authorization, "accept": "application/json"])
        else { return .unreachable("the address is none") }
        switch await vendors.exchange(request, body: ByteBuffer(), timeout: .seconds(10)) {
        case .failed(let failure): return .unreachable(failure.reason)
        case .answered(let answer) where answer.status == 200:
            return (try? JSONDecoder().decode(Answer.self, from: answer.body)).flatMap(judge)
                ?? .unreachable("it answers with something that is not the vendor's")
        case .answered(let answer) where (400..<500).contains(answer.status):
            return .refused("it answers HTTP \(answer.status)")
        case .answered(let answer): return .unreachable("it answers HTTP \(answer.status)")
        }
    }
}

/// Basic authentication (RFC 7617).
func basicAuthorization(_ user: String, _ secret: Secret) -> String {
    "Basic " + Data("\(user):\(secret.revealed)".utf8).base64EncodedString()
}
