import Foundation
import JobRuntime
import NIOCore

@testable import chaos_worker

/// A job of a chaos run, and what must become of it.
struct JobPlan: Sendable {
    enum Payload: Sendable { case chaos, late, undecodable }

    enum Expiry: Sendable {
        case never
        /// It has passed when the job is enqueued.
        case passed
        /// Long after the end of the chaos run, but before a worker's clock that has jumped by an hour.
        case inHalfAnHour
    }

    /// How the job ends, whatever happens to those who run it.
    enum End: Sendable, Equatable {
        case succeeded, unknown, expired
        case dead(DeadReason)
    }

    struct Unique: Sendable, Hashable {
        var key: String
        var isWhileUnfinished: Bool
    }

    let number: Int
    let id: JobID
    var queue = Chaos.tracked
    var lane = Lane.normal
    var payload = Payload.chaos
    /// A step for each run there is to be; none when it is not to run at all.
    var steps: [Step]
    var end: End
    /// Milliseconds after the enqueue.
    var delay = 0
    var expiry = Expiry.never
    var unique: Unique?
    /// Milliseconds after the enqueue at which it is to be cancelled.
    var cancellation: Int?
    /// Whether it is offered again, under the same id, until it is not refused.
    var isOfferedAgain = false
    /// Whether it is enqueued once more, under the same id, after it was accepted.
    var isRepeated = false

    /// As it is written into the stream.
    var json: ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data: Data? =
            switch payload {
            case .chaos: try? encoder.encode(ChaosJob(number: number, steps: steps))
            case .late: try? encoder.encode(LateJob(number: number, steps: steps))
            case .undecodable: Data(#"{"number":"not \#(number)"}"#.utf8)
            }
        return ByteBuffer(bytes: data ?? Data())
    }

    var kind: String { payload == .late ? LateJob.kind : ChaosJob.kind }

    var newJob: NewJob {
        let expiresAt: Int64? =
            switch expiry {
            case .never: nil
            case .passed: 1
            case .inHalfAnHour: .unixMilliseconds + 1_800_000
            }
        return NewJob(
            id: id, queue: queue, kind: kind, payload: json, lane: lane,
            start: delay > 0 ? .after(.milliseconds(delay)) : .now, expiresAt: expiresAt,
            unique: unique.map {
                .init($0.key, for: .seconds(3600), scope: $0.isWhileUnfinished ? .unfinished : .time)
            })
    }

    /// The number of attempt and snoozes of each step's runs.
    var positions: [(attempt: Int, snoozes: Int)] {
        var position = (attempt: 1, snoozes: 0)
        return steps.map { step in
            defer {
                if step.end == .snooze { position.snoozes += 1 } else { position.attempt += 1 }
            }
            return position
        }
    }
}
