/// How long a provider takes to answer.
public enum Latency: Sendable, Equatable {
    case fixed(Duration)
    /// Evenly distributed between the two.
    case between(Duration, Duration)

    func draw() -> Duration {
        switch self {
        case .fixed(let duration): duration
        case .between(let low, let high): .milliseconds(Int.random(in: low.milliseconds...high.milliseconds))
        }
    }
}
