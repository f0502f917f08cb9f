import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// What every valid request goes through, whatever its provider: a fault is looked up, the message is recorded, the
/// latency is waited for, and it is answered, or not; then its provider tells what becomes of it.
///
/// It is recorded *before* the wait, so that a test can wait until a message is in a provider's hands and unanswered.
struct Exchange: Sendable {
    let received: ReceivedLog
    let faults: FaultBook
    let callbacks: CallbackService

    /// What a provider says to a message it takes.
    struct Acceptance {
        var id: String
        var response: Response
        /// The callbacks that tell what becomes of the message.
        var afterwards: CallbackService.Work?
    }

    /// - Parameters:
    ///   - accept: takes the message; called unless a fault stands before that.
    ///   - failure: a fault's status in the provider's own shape.
    func answer(
        _ arrival: Arrival, to request: Request, context: SimulatorContext,
        accept: (Aftermath) -> Acceptance, failure: (Failure) -> Response
    ) async throws -> Response {
        let verdict: Verdict
        do {
            verdict = try faults.verdict(on: arrival)
        } catch {
            let response = failure(Failure(status: 400, reason: error.description))
            received.append(arrival, .refused, status: 400, error: error.description)
            return response
        }
        let fault = verdict.fault ?? Fault()
        let acceptance = fault.accepts ? accept(fault.aftermath) : nil
        let response =
            Failure(fault, source: verdict.source).map(failure) ?? acceptance?.response
            ?? Response(status: .internalServerError)
        received.append(
            arrival, acceptance == nil ? .failed : .accepted, id: acceptance?.id,
            status: fault.answers ? response.status.code : nil, fault: verdict.fault)
        if verdict.delay > .zero {
            // A stop of the simulator ends the wait, not the answer.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: verdict.delay) }
        }
        if let afterwards = acceptance?.afterwards {
            if fault.aftermath.isEarly {
                try? await cancelWhenGracefulShutdown(afterwards)
            } else {
                callbacks.start(afterwards)
            }
        }
        return await finish(response, fault, request: request, context: context)
    }

    /// Records what a provider would not take.
    func refuse(_ arrival: Arrival, status: Int, error: String) {
        received.append(arrival, .refused, status: status, error: error)
    }

    private func finish(
        _ response: Response, _ fault: Fault, request: Request, context: SimulatorContext
    ) async -> Response {
        switch fault.effect {
        case .drop?: try? await context.channel.close()
        case .hang?: await faults.hold { await hang(request, context: context) }
        case .status?, .vonage?, nil: break
        }
        return fault.drip.map(response.dripping) ?? response
    }

    /// Returns when the client has left, or the simulator stops, with the connection closed and no answer sent.
    private func hang(_ request: Request, context: SimulatorContext) async {
        try? await cancelWhenGracefulShutdown {
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                while true { try await Task.sleep(for: .seconds(3600)) }
            }
        }
        try? await context.channel.close()
    }
}

/// A failure to be put into a provider's own shape.
struct Failure {
    var status: Int
    var code: Int?
    var retryAfter: Int?
    var reason: String

    /// The answer with what every failure carries.
    func response(_ body: ByteBuffer) -> Response {
        var response = Response.json(HTTPResponse.Status(code: status), body)
        if let retryAfter { response.headers.set("Retry-After", retryAfter) }
        return response
    }
}

extension Failure {
    /// nil: the fault leaves the answer to the provider.
    fileprivate init?(_ fault: Fault, source: String) {
        let reason = "simulated by \(source)"
        switch fault.effect {
        case .status(let status):
            self.init(status: status, code: fault.code, retryAfter: fault.retryAfter, reason: reason)
        case .vonage(let error): self.init(status: 200, code: error, reason: reason)
        case .hang, .drop, nil: return nil
        }
    }
}
