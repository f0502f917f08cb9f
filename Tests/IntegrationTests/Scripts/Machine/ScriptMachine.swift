import TestSupport

@testable import JobRuntime

/// What Redis and the model do not agree on.
struct Disagreement: Error { let what: String }

/// Takes a queue through random steps of several workers, producers and operators, in Redis and in the model, and
/// compares what both answer and what both have become.
struct ScriptMachine {
    let bench: Bench
    let workers: [String]
    var readers: [String: any StreamReader] = [:]
    var model: QueueModel
    var random: SeededGenerator
    /// All that each worker was ever delivered, whether it still holds it or not.
    var hands: [String: [Delivered]] = [:]
    /// Where each worker's scan of the pending lists has come to.
    var cursors: [String: [Lane: String]] = [:]
    /// All dead letters that were ever seen.
    var letters: [DeadLetter] = []
    /// The steps so far, in words.
    var log: [String] = []
    private var snapshots: SnapshotReader
    private var seenEvents = 0
    /// The ids of all jobs, by number.
    private(set) var ids: [JobID] = []

    init(bench: Bench, workers: Int, seed: UInt64, now: Int64) {
        self.bench = bench
        self.workers = Array(["a", "b", "c"].prefix(workers))
        random = SeededGenerator(state: seed)
        model = QueueModel(
            isTracked: bench.queue.isTracked, keepsEvents: bench.store.options.keepsEvents, horizon: now + 1_800_000)
        snapshots = SnapshotReader(bench: bench)
    }

    mutating func open() async throws {
        for worker in workers {
            readers[worker] = try await bench.store.makeReader(of: bench.queue, consumer: worker)
        }
    }

    func close() async {
        for reader in readers.values { await reader.close() }
    }

    /// One random step.
    mutating func step() async throws {
        let worker = pick(workers)
        switch Int.random(in: 0..<140, using: &random) {
        case 0..<20: try await enqueue()
        case 20..<38: try await read(worker)
        case 38..<48: try await reclaim(worker)
        case 48..<76: try await settle(worker)
        case 76..<82: try await extend(worker)
        case 82..<87: try await leave(worker)
        case 87..<95: try await promote()
        case 95..<98: try await bringForward()
        case 98..<102: try await cancel()
        case 102..<105: try await listLetters()
        case 105..<108: try await redrive()
        case 108..<109: try await drop()
        case 109..<111: try await handBack()
        case 111..<113: try await pause()
        case 113..<115: try await beat(worker)
        case 115..<116: try await sweep()
        case 116..<124: try await report()
        case 124..<129: try await lose()
        case 129..<135: try await restore()
        case 135..<137: try await locate()
        default: try await ask()
        }
    }

    /// Compares all that there is.
    mutating func compare() async throws {
        snapshots.ids = ids
        let found = try await snapshots.look()
        let expected = model.snapshot(eventsFrom: seenEvents)
        seenEvents = model.events.count
        guard found == expected else { throw Disagreement(what: found.difference(to: expected)) }
    }

    // MARK: Chance

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &random)] }

    /// Up to so many of the values, in their order.
    mutating func some<Value>(_ values: [Value], upTo most: Int) -> [Value] {
        guard !values.isEmpty else { return [] }
        let chosen = (0..<Int.random(in: 1...most, using: &random)).map { _ in
            Int.random(in: values.indices, using: &random)
        }
        return Set(chosen).sorted().map { values[$0] }
    }

    /// True once in so many times.
    mutating func isOne(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    // MARK: Agreement

    func agree<Value: Equatable>(_ what: String, found: Value, expected: Value) throws {
        guard found == expected else {
            throw Disagreement(what: "\(what), in Redis: \(found)\n\(what), in the model: \(expected)")
        }
    }

    /// A job's number; -1 for one that nobody enqueued.
    func number(_ id: JobID?) -> Int { id.flatMap { ids.firstIndex(of: $0) } ?? -1 }

    /// An id for the next job. The ids ascend.
    mutating func makeID() -> JobID {
        let id = JobID(milliseconds: 1_000_000 + Int64(ids.count), random: random.next())
        ids.append(id)
        return id
    }
}
