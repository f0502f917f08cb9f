import JobRuntime
import NIOCore

/// How many events to read at once: as many as one transaction takes well, and no more bytes than a process can spare.
struct BatchSize: Equatable, Sendable {
    static let mostEvents = 2000
    static let mostBytes = 16 << 20

    /// At first few: nobody knows how long they are.
    private(set) var count = 100

    func isFull(_ events: [LedgerEvent]) -> Bool { events.count >= count }

    /// The next ones will be about as long as these.
    mutating func learn(_ events: [LedgerEvent]) {
        guard !events.isEmpty else { return }
        let longest = events.reduce(0) { max($0, $1.size) }
        let wanted = max(1, min(Self.mostEvents, Self.mostBytes / max(1, longest)))
        // Up step by step, down at once.
        count = min(wanted, count * 4)
    }
}

extension LedgerEvent {
    /// About how many bytes it has.
    fileprivate var size: Int {
        switch content {
        case .job(let event, let payload): 256 + (payload?.readableBytes ?? 0) + (event.result?.utf8.count ?? 0)
        case .other, .unreadable: 256
        }
    }
}
