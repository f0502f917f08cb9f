import JobRuntime
import Messaging
import Metrics

/// What is counted of one channel's messages. Every series is made at the start, so that the first event of each shows
/// as a change; what they are called by is settings and code, never a message.
struct ChannelMetrics: Sendable {
    /// Why a message had to wait for another moment.
    enum Wait: Int, CaseIterable {
        /// Its sender's turn comes later.
        case turn
        /// Its destination has its share of the worker's requests.
        case share
        /// The provider said that it was too much.
        case throttled
        /// A breaker is open.
        case breaker
    }

    private struct Provider: Sendable {
        let name: String
        let sent: Counter
        let failed: [Counter]
        let requests: [Counter]
        let waits: [Counter]
        let requestTime: Timer
    }

    /// In the place of a provider where none was tried.
    static let nobody = "none"
    /// The last is any other.
    private static let reasons: [DeadReason] = [
        .permanent, .exhausted, .tooOld, .unknown, .crashLoop, .undecodable, .suppressed,
        DeadReason(rawValue: "expired"),
        DeadReason(rawValue: "other"),
    ]

    /// As many as the channel has, and nobody.
    private let providers: [Provider]

    init(channel: Channel, providers: [String], factory: any MetricsFactory) {
        self.providers = (providers + [Self.nobody]).map { name in
            func counter(_ label: String, _ more: [(String, String)] = []) -> Counter {
                Counter(
                    label: label, dimensions: [("channel", channel.rawValue), ("provider", name)] + more,
                    factory: factory)
            }
            return Provider(
                name: name, sent: counter("message_sent_total"),
                failed: Self.reasons.map { counter("message_failed_total", [("reason", $0.rawValue)]) },
                requests: Verdict.names.map { counter("provider_requests_total", [("verdict", $0)]) },
                waits: Wait.allCases.map { counter("message_waits_total", [("cause", "\($0)")]) },
                requestTime: Timer(
                    label: "provider_request_duration_seconds",
                    dimensions: [("channel", channel.rawValue), ("provider", name)], preferredDisplayUnit: .seconds,
                    factory: factory))
        }
    }

    /// - Parameter name: nil, or one that the channel does not have: nobody.
    private func provider(_ name: String?) -> Provider {
        providers.first { $0.name == name } ?? providers[providers.count - 1]
    }

    func ended(_ ending: Ending, at name: String?) {
        let provider = provider(name)
        switch ending {
        case .succeeded: provider.sent.increment()
        case .dead(let reason, _), .discarded(let reason, _): Self.count(reason, provider)
        case .unknown: Self.count(.unknown, provider)
        case .expired: Self.count(DeadReason(rawValue: "expired"), provider)
        }
    }

    private static func count(_ reason: DeadReason, _ provider: Provider) {
        provider.failed[reasons.firstIndex(of: reason) ?? reasons.count - 1].increment()
    }

    func asked(_ name: String, _ verdict: Verdict, took: Duration) {
        let provider = provider(name)
        provider.requests[verdict.place].increment()
        provider.requestTime.record(duration: took)
        if case .throttled = verdict { provider.waits[Wait.throttled.rawValue].increment() }
    }

    func waits(for name: String, because wait: Wait) { provider(name).waits[wait.rawValue].increment() }
}

extension Verdict {
    /// As metrics call them, in the order of ``place``.
    static let names = [
        "accepted", "refused", "expired", "throttled", "misconfigured", "ambiguous", "transient",
    ]

    var place: Int {
        switch self {
        case .accepted: 0
        case .refused: 1
        case .expired: 2
        case .throttled: 3
        case .misconfigured: 4
        case .ambiguous: 5
        case .transient: 6
        }
    }
}
