/// What keeps a worker, or one of its queues, from getting on.
public struct WorkerFault: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Its timers do not run: something holds the threads that everything runs on.
        case blocked
        /// The queue is not read. Refused: the store answers, but not with what was asked for.
        case notReading(isRefused: Bool)
        /// An attempt goes on that should have been given up.
        case late
        /// So many outcomes wait to be settled. Refused: the store answers, but does not take them.
        case notSettling(Int, isRefused: Bool)
        /// Attempts that were given up, and go on, have taken all slots; there are so many.
        case noSlots(Int)
    }

    public let queue: String
    public let kind: Kind
    /// For how long.
    public let time: Duration

    public init(queue: String, kind: Kind, time: Duration = .zero) {
        self.queue = queue
        self.kind = kind
        self.time = time
    }
}

extension WorkerFault: CustomStringConvertible {
    /// A sentence.
    public var description: String {
        let time = "\(time.components.seconds) s"
        return switch kind {
        case .blocked: "nothing has run for \(time): its threads are blocked"
        case .notReading(let isRefused):
            "\(queue) has not been read for \(time): the reader is \(isRefused ? "refused" : "not answered")"
        case .late: "an attempt of \(queue) goes on \(time) after it should have been given up"
        case .notSettling(let count, let isRefused):
            "\(count) of \(queue) wait to be settled, one for \(time): the settler is "
                + (isRefused ? "refused" : "not answered")
        case .noSlots(let count): "all \(count) slots of \(queue) are taken by attempts that were given up and go on"
        }
    }
}
