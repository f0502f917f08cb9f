import Foundation

/// Microseconds of the monotonic clock, which all processes of the machine share and no jump of a wall clock moves.
typealias Instant = Int64

extension Instant {
    static var current: Instant {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Instant(now.tv_sec) * 1_000_000 + Instant(now.tv_nsec) / 1000
    }
}

/// A line of a worker's journal: what it did, written before anybody else could know.
enum JournalLine: Sendable, Equatable {
    /// What the worker is called.
    case worker(consumer: String)
    /// A run begins: `run` numbers the runs of the process.
    case begin(run: Int, at: Instant, job: String, attempt: Int, snoozes: Int, deliveries: Int)
    /// It has ended with an outcome, which is settled next; `cancelled`: the job is to be given back.
    case end(run: Int, at: Instant, word: String)
    /// The process stood still for longer than it should.
    case hiccup(from: Instant, to: Instant)
    /// The worker's counts, in the order of ``WorkerTally``.
    case counts(at: Instant, WorkerTally)
    /// The last line of one that has left in good order.
    case left(at: Instant)
}

extension JournalLine: LosslessStringConvertible {
    var description: String {
        switch self {
        case .worker(let consumer): "W \(consumer)"
        case .begin(let run, let at, let job, let attempt, let snoozes, let deliveries):
            "B \(run) \(at) \(job) \(attempt) \(snoozes) \(deliveries)"
        case .end(let run, let at, let word): "E \(run) \(at) \(word)"
        case .hiccup(let from, let to): "H \(from) \(to)"
        case .counts(let at, let tally): "C \(at) \(tally.values.map(String.init).joined(separator: " "))"
        case .left(let at): "L \(at)"
        }
    }

    init?(_ line: String) {
        let words = line.split(separator: " ")
        let numbers = words.dropFirst().map { Int64($0) }
        func int(_ index: Int) -> Int? { numbers.indices.contains(index) ? numbers[index].map(Int.init) : nil }
        switch (words.first, words.count) {
        case ("W", 2): self = .worker(consumer: String(words[1]))
        case ("B", 7):
            guard let run = int(0), let at = numbers[1], let attempt = int(3), let snoozes = int(4),
                let deliveries = int(5)
            else { return nil }
            self = .begin(
                run: run, at: at, job: String(words[3]), attempt: attempt, snoozes: snoozes, deliveries: deliveries)
        case ("E", 4):
            guard let run = int(0), let at = numbers[1] else { return nil }
            self = .end(run: run, at: at, word: String(words[3]))
        case ("H", 3):
            guard let from = numbers[0], let to = numbers[1] else { return nil }
            self = .hiccup(from: from, to: to)
        case ("C", _):
            let values = numbers.compactMap { $0 }
            guard let at = values.first, let tally = WorkerTally(values.dropFirst().map(Int.init)) else { return nil }
            self = .counts(at: at, tally)
        case ("L", 2):
            guard let at = numbers[0] else { return nil }
            self = .left(at: at)
        default: return nil
        }
    }
}
