import Metrics

/// `breakers_open` by `provider` and `scope`: how many breakers are not closed. `whole` is a provider's own, `part` that of
/// one of its senders or hosts, which metrics do not name.
struct BreakerGauges {
    private let factory: any MetricsFactory
    private var meters: [String: (whole: Meter, part: Meter)] = [:]

    init(factory: any MetricsFactory) { self.factory = factory }

    /// A breaker has opened or closed.
    ///
    /// - Parameter breaker: begins with the name of a provider, and a space where it guards a part of it.
    mutating func show(_ breaker: String, isOpen: Bool) {
        let provider = breaker.prefix { $0 != " " }
        let meters = meters(of: String(provider))
        let meter = provider.count == breaker.count ? meters.whole : meters.part
        if isOpen { meter.increment() } else { meter.decrement() }
    }

    /// All breakers were forgotten.
    func reset() {
        for meters in meters.values {
            meters.whole.set(0)
            meters.part.set(0)
        }
    }

    /// Shows a provider from the start.
    @discardableResult
    mutating func meters(of provider: String) -> (whole: Meter, part: Meter) {
        if let known = meters[provider] { return known }
        func meter(_ scope: String) -> Meter {
            Meter(label: "breakers_open", dimensions: [("provider", provider), ("scope", scope)], factory: factory)
        }
        let new = (whole: meter("whole"), part: meter("part"))
        meters[provider] = new
        return new
    }
}
