import AsyncHTTPClient
import Delivery
import Foundation
import JobRuntime
import Messaging
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix

/// Sends text messages through a gateway that takes JSON in a POST and answers with `{"id":"…"}`.
struct GatewayProvider: Provider {
    let name = "gateway"
    let http: HTTPClient
    let url: String
    let token: String

    /// One try, and what came of it. What follows from that is the dispatcher's business.
    func send(_ message: SMS, attempt: Attempt) async -> Verdict {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = ["authorization": "Bearer \(token)", "content-type": "application/json"]
        // The job's id is the same in every try: a gateway that knows it again takes the message once.
        let order = ["from": message.from, "to": message.to, "text": message.body, "reference": "\(attempt.job)"]
        do {
            request.body = .bytes(try JSONEncoder().encode(order))
            let response = try await http.execute(request, timeout: .seconds(10))
            let body = try? await response.body.collect(upTo: 10_000)
            let answer = body.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) }
            return verdict(Int(response.status.code), id: answer?["id"])
        } catch let error where isBeforeSending(error) {
            return .transient(fault("cannot be reached", "It is tried again; check the network."))
        } catch {
            // The request may have arrived: sending it again could deliver it twice.
            return .ambiguous(fault("did not answer", "Look the message up there before sending it again."))
        }
    }

    private func verdict(_ status: Int, id: String?) -> Verdict {
        switch status {
        case 200..<300: .accepted(Receipt(provider: name, id: id))
        case 429: .throttled(fault("wants fewer messages", "It is tried again later.", status), after: nil)
        case 300..<400, 401, 403, 404:
            .misconfigured(fault("does not know us", "Check GATEWAY_URL and GATEWAY_TOKEN.", status))
        case 400..<500: .refused(fault("refused the message", "Correct it and send it anew.", status))
        default: .ambiguous(fault("failed", "Look the message up there before sending it again.", status))
        }
    }

    /// Only what is certain: the connection was never there.
    private func isBeforeSending(_ error: any Error) -> Bool {
        error is NIOConnectionError || error as? HTTPClientError == .connectTimeout
            || (error as? IOError)?.errnoCode == ECONNREFUSED
    }

    private func fault(_ what: String, _ remedy: String, _ status: Int? = nil) -> Fault {
        Fault(provider: name, code: status, what: what, remedy: remedy)
    }
}
