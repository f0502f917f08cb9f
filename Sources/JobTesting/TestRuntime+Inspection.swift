public import JobRuntime
import NIOCore

#if canImport(FoundationEssentials)
    import struct FoundationEssentials.Data
    import class FoundationEssentials.JSONDecoder
#else
    import struct Foundation.Data
    import class Foundation.JSONDecoder
#endif

extension TestRuntime {
    /// The jobs of a queue that have not ended, tracked or not: those that may run now, lane after lane, then those that
    /// wait for their time, the next one first.
    public func jobs(in queue: JobQueue) -> [JobRecord] {
        memory.call { memory in
            let ready = memory[queue.name].lanes.flatMap { lane in
                lane.entries.map { entry in
                    var record = memory[record: entry.job.id] ?? .init(entry.job, queue: queue.name, lane: lane.lane)
                    record.queue(as: entry.id)
                    return memory.shown(record)
                }
            }
            let later = memory[queue.name].delayed.values.joined().sorted { $0.value < $1.value }
            return ready + later.compactMap { memory[record: $0.key]?.shown }
        }
    }

    /// The same jobs, of one kind and decoded: what the code under test has enqueued.
    ///
    /// - Throws: `DecodingError` when a payload is none of the type.
    public func jobs<J: Job>(_ type: J.Type, in queue: JobQueue) throws -> [J] {
        try jobs(in: queue).filter { $0.kind == J.kind }.map { record in
            let payload = record.payload.map { Data($0.readableBytesView) } ?? Data()
            return try JSONDecoder().decode(J.self, from: payload)
        }
    }

    /// What is known of a job of a tracked queue, or of one that waits for its time; nil when nothing is.
    public func record(of id: JobID) -> JobRecord? { memory.record(of: id) }

    /// The dead letters of a queue, oldest first.
    public func deadLetters(of queue: JobQueue) -> [DeadLetter] {
        memory.deadLetters(of: queue.name, after: nil, limit: .max)
    }
}
