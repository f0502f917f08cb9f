import JobRuntime
import TestSupport

/// The job of these tests.
struct Note: Job, Equatable {
    static let kind = "note"
    var number: Int
}

/// Which notes were run, and how each time.
final class Runs: Sendable {
    struct Run: Sendable, Equatable {
        var attempt: Int
        var deliveries: Int
        var consumer: String
    }

    private let runs = Locked<[Int: [Run]]>([:])

    func add(_ note: Note, _ attempt: Attempt) {
        let run = Run(attempt: attempt.number, deliveries: attempt.deliveries, consumer: attempt.consumer)
        runs.update { $0[note.number, default: []].append(run) }
    }

    subscript(number: Int) -> [Run] { runs.value[number] ?? [] }

    /// The notes that have been run.
    var numbers: [Int] { Array(runs.value.keys) }

    /// How many different notes have been run.
    var count: Int { runs.value.count }

    /// How often any note has been run.
    var total: Int { runs.value.values.reduce(0) { $0 + $1.count } }

    var consumers: Set<String> { Set(runs.value.values.joined().map(\.consumer)) }
}

/// Where handlers wait until the test lets them go on, or their attempt is cancelled.
final class Gate: Sendable {
    private let waiters = Locked<(isOpen: Bool, streams: [AsyncStream<Void>.Continuation])>((false, []))

    /// How many have come to the gate.
    var arrived: Int { waiters.value.streams.count }

    func open() {
        let waiting = waiters.update { state in
            state.isOpen = true
            return state.streams
        }
        for continuation in waiting { continuation.finish() }
    }

    /// - Throws: `CancellationError` when cancelled.
    func pass() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let isOpen = waiters.update { state in
            state.streams.append(continuation)
            return state.isOpen
        }
        if isOpen { continuation.finish() }
        for await _ in stream {}
        try Task.checkCancellation()
    }

    /// Waits for the gate and for nothing else, whoever cancels: the careless handler.
    func passStubbornly() async {
        await Task { try? await pass() }.value
    }
}
