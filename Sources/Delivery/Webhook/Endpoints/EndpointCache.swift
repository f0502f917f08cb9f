/// What is remembered of endpoints: the addresses of their hosts, and a client for each place that was posted to. A
/// pure value; time comes in.
struct EndpointCache<Client: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Where a connection goes, and in whose name.
    struct Place: Hashable {
        var host: String
        var address: IPAddress
    }

    private struct Answer {
        var addresses: [IPAddress]
        let until: Instant
    }

    private struct Entry {
        let client: Client
        var inFlight: Int
        var lastUse: Instant
    }

    /// How many clients, and how many hosts' addresses; more clients only while all are in use.
    let capacity: Int
    /// How long an answer of the resolver counts.
    let answerLife: Duration
    /// How long a client without work stays.
    private let idleLife = Duration.seconds(60)

    private var answers: [String: Answer] = [:]
    private var entries: [Place: Entry] = [:]

    init(capacity: Int = 500, answerLife: Duration = .seconds(30)) {
        self.capacity = capacity
        self.answerLife = answerLife
    }

    // MARK: Addresses

    func addresses(of host: String, now: Instant) -> [IPAddress]? {
        guard let answer = answers[host], now < answer.until else { return nil }
        return answer.addresses
    }

    /// Keeps what was resolved. The address that was the first stays the first while the host has it, whatever the
    /// order of the new answer: there are connections to it.
    ///
    /// - Returns: the addresses, each once and unmapped, in the order to try them in.
    mutating func keep(_ addresses: [IPAddress], of host: String, now: Instant) -> [IPAddress] {
        var seen: Set<IPAddress> = []
        var addresses = addresses.map(\.unmapped).filter { seen.insert($0).inserted }
        if let first = answers[host]?.addresses.first, let index = addresses.firstIndex(of: first) {
            addresses.swapAt(0, index)
        }
        if answers.count >= capacity, answers[host] == nil {
            answers = answers.filter { now < $0.value.until }
            if answers.count >= capacity { answers = [:] }
        }
        answers[host] = Answer(addresses: addresses, until: now + answerLife)
        return addresses
    }

    /// Nobody could be reached there: the host's other addresses come first.
    mutating func demote(_ place: Place) {
        guard let index = answers[place.host]?.addresses.firstIndex(of: place.address) else { return }
        answers[place.host]?.addresses.remove(at: index)
        answers[place.host]?.addresses.append(place.address)
    }

    // MARK: Clients

    /// Lends the place's client until ``giveBack(_:now:)``, and takes out those that have become too many or too old.
    mutating func take(_ place: Place, now: Instant, make: () -> Client) -> (client: Client, retired: [Client]) {
        if let client = entries[place]?.client {
            entries[place]?.inFlight += 1
            return (client, [])
        }
        var retired: [Client] = []
        for (place, entry) in entries where entry.inFlight == 0 && entry.lastUse + idleLife <= now {
            retired.append(entry.client)
            entries[place] = nil
        }
        let idle = entries.lazy.filter { $0.value.inFlight == 0 }
        if entries.count >= capacity, let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            retired.append(oldest.value.client)
            entries[oldest.key] = nil
        }
        let client = make()
        entries[place] = Entry(client: client, inFlight: 1, lastUse: now)
        return (client, retired)
    }

    mutating func giveBack(_ place: Place, now: Instant) {
        entries[place]?.inFlight -= 1
        entries[place]?.lastUse = now
    }

    mutating func removeAll() -> [Client] {
        defer { entries = [:] }
        return entries.values.map(\.client)
    }
}
