import Foundation
import Synchronization

/// What the simulator received: the last requests in full, and counters that never forget.
public final class ReceivedLog: Sendable {
    /// Counters of one provider since the start.
    public struct Counts: Sendable, Codable, Equatable {
        public var requests = 0
        /// The provider has the message.
        public var accepted = 0
        /// Invalid or unauthorised.
        public var refused = 0
        /// A fault answered and the provider does not have the message.
        public var failed = 0
        /// Of the failed: told to come again later (429, or Vonage's error 1).
        public var throttled = 0
        /// No answer was given (hang, drop); the provider has the message all the same.
        public var unanswered = 0
        /// Of the unanswered: the connection was closed at once.
        public var dropped = 0
    }

    private struct State {
        var recent: RecentRing<ReceivedMessage>
        var counts: [Provider: Counts] = [:]
    }

    private let state: Mutex<State>

    init(keepLast: Int) {
        state = Mutex(State(recent: RecentRing(capacity: keepLast)))
    }

    /// The counters of each provider, those of silent ones too.
    public var counts: [Provider: Counts] {
        let counts = state.withLock(\.counts)
        return Dictionary(uniqueKeysWithValues: Provider.allCases.map { ($0, counts[$0] ?? Counts()) })
    }

    /// The kept requests that a filter lets through, newest first.
    public func messages(_ filter: ReceivedFilter = ReceivedFilter()) -> [ReceivedMessage] {
        // The lock is held for a reference, not for the search.
        let recent = state.withLock(\.recent)
        return recent.newestFirst.filter(filter.matches)
    }

    /// Forgets the kept requests; the counters stay.
    public func forget() {
        state.withLock { $0.recent.removeAll() }
    }

    func resetCounts() {
        state.withLock { $0.counts = [:] }
    }

    func append(
        _ arrival: Arrival, _ outcome: ReceivedMessage.Outcome, id: String? = nil, status: Int?,
        fault: Fault? = nil, error: String? = nil
    ) {
        state.withLock { state in
            state.counts[arrival.provider, default: Counts()].count(outcome, fault, answered: status != nil)
            let message = ReceivedMessage(
                sequence: state.recent.nextSequence, provider: arrival.provider, at: arrival.at, outcome: outcome,
                status: status, id: id, to: arrival.to, from: arrival.from, subject: arrival.subject,
                body: arrival.body, html: arrival.html, media: arrival.media, headers: arrival.headers,
                verified: arrival.verification?.holds, verificationError: arrival.verification?.reason,
                fault: fault?.description, error: error)
            state.recent.append(message)
        }
    }
}

extension ReceivedLog.Counts {
    fileprivate mutating func count(_ outcome: ReceivedMessage.Outcome, _ fault: Fault?, answered: Bool) {
        requests += 1
        switch outcome {
        case .accepted: accepted += 1
        case .refused: refused += 1
        case .failed: failed += 1
        }
        if !answered { unanswered += 1 }
        if let fault {
            if fault.throttles { throttled += 1 }
            if fault.effect == .drop { dropped += 1 }
        }
    }
}
