/// How a worker's slots are shared among the hosts that it posts to, so that a slow one never has them all. A pure
/// value; time comes in.
///
/// A host may take another slot only while it has fewer than are still free. One host alone gets half of them; n slow
/// hosts come to one part in n + 1 each, and the last part stays free for whoever has none. Source: Choudhury and
/// Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", with a factor of one.
struct HostShare: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Admission: Sendable, Equatable {
        /// The slot is the host's until ``HostShare/release(_:took:)``.
        case admitted
        /// No slot was taken. To be asked again after this long; the turn then is kept for whoever waits for it.
        case wait(Duration)
    }

    private struct Host {
        var inFlight = 0
        /// How long its answers take, the later ones counting more. It begins with a guess.
        var mean = Duration.seconds(1)
        /// From when on nobody has been promised a slot.
        var turn: Instant
    }

    /// A wait is no shorter, so that a job is not moved for nothing.
    static let shortestWait = Duration.milliseconds(250)
    /// No promise goes further.
    static let longestWait = Duration.seconds(60)
    /// How much the latest answer counts.
    private static let weight = 0.125

    let slots: Int
    private(set) var inFlight = 0
    private let mostHosts: Int
    private var hosts: [String: Host] = [:]

    /// - Parameters:
    ///   - slots: how many requests the worker makes at a time, to all hosts.
    ///   - mostHosts: how many hosts are remembered, beside those with requests in flight.
    init(slots: Int, mostHosts: Int = 1000) {
        self.slots = slots
        self.mostHosts = mostHosts
    }

    /// How many hosts are remembered.
    var hostCount: Int { hosts.count }

    func inFlight(of name: String) -> Int { hosts[name]?.inFlight ?? 0 }

    /// Takes a slot for one request to a host, or reserves the host's next turn.
    mutating func acquire(_ name: String, now: Instant) -> Admission {
        if hosts[name] == nil { makeRoom(now: now) }
        var host = hosts[name] ?? Host(turn: now)
        defer { hosts[name] = host }
        if host.inFlight < slots - inFlight {
            host.inFlight += 1
            inFlight += 1
            return .admitted
        }
        // Its slots come free one after the other, as many in the time of one answer as it has.
        let turn = max(host.turn, now)
        host.turn = min(turn + host.mean / max(host.inFlight, 1), now + Self.longestWait)
        return .wait(min(max(turn - now, Self.shortestWait), Self.longestWait))
    }

    /// Gives a slot back, for every admission once.
    ///
    /// - Parameter took: how long the host took to answer, or not to.
    mutating func release(_ name: String, took: Duration) {
        guard var host = hosts[name], host.inFlight > 0 else { return }
        host.inFlight -= 1
        host.mean += (max(took, .zero) - host.mean) * Self.weight
        hosts[name] = host
        inFlight -= 1
    }

    /// Forgets hosts without requests: those that nobody waits for, and, where that is not enough, the others.
    private mutating func makeRoom(now: Instant) {
        guard hosts.count - inFlight >= mostHosts else { return }
        hosts = hosts.filter { $0.value.inFlight > 0 || $0.value.turn > now }
        if hosts.count - inFlight >= mostHosts { hosts = hosts.filter { $0.value.inFlight > 0 } }
    }
}
