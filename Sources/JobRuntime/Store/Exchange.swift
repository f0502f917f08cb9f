// The values that go to and from the store.

/// How much of one lane is to be read.
package struct LaneRead: Sendable, Equatable {
    package var lane: Lane
    package var count: Int

    package init(_ lane: Lane, _ count: Int) {
        self.lane = lane
        self.count = count
    }
}

/// An entry that a worker holds, with the delivery count it was delivered with.
package struct Held: Sendable, Equatable {
    package var entry: Entry
    package var deliveries: Int

    package init(entry: Entry, deliveries: Int) {
        self.entry = entry
        self.deliveries = deliveries
    }
}

/// What to take over of what other workers left.
package struct Claim: Sendable {
    /// How many at most.
    package var most: Int
    /// Idle for as long is taken.
    package var lease: Duration
    /// Where the last scan of each lane's pending list ended (from the start each time, the tail would never be
    /// reached); nil: no scan, only what was handed back, which costs next to nothing.
    package var cursors: [Lane: String]?

    package init(most: Int, lease: Duration, cursors: [Lane: String]?) {
        self.most = most
        self.lease = lease
        self.cursors = cursors
    }
}

package struct Reclaimed: Sendable {
    /// The queue is paused: nothing was taken, and nothing is to be read.
    package var isPaused = false
    package var delivered: [Delivered] = []
    /// Where to go on; a lane that has been seen to the end is not among them.
    package var cursors: [Lane: String] = [:]
    /// Entries that were pending and are no longer in the stream: their jobs are lost.
    package var deleted: [String] = []

    package init() {}
}

package struct Promotion: Sendable, Equatable {
    package var moved: Int
    /// Milliseconds until the next one is due, zero or less when one is due now; nil when none waits.
    package var next: Int64?

    package init(moved: Int, next: Int64?) {
        self.moved = moved
        self.next = next
    }
}

/// What the store says of one settlement.
package enum SettlementCode: Int, Sendable {
    case settled = 1
    /// Another worker holds the entry.
    case held = 0
    /// Nobody holds it: it was settled.
    case gone = -1
}

/// What the store says of a call that enqueues.
package struct EnqueueReply: Sendable, Equatable {
    package enum Exception: Sendable, Equatable {
        /// There is such a job already; it is named, and where an idempotency key tells, when it was enqueued.
        case duplicate(JobID, at: Int64? = nil)
        /// This other job has the idempotency key.
        case conflict(JobID)
        case full(String)
    }

    /// Unix milliseconds.
    package var at: Int64
    /// What was not enqueued, by its place in the call.
    package var exceptions: [Int: Exception]
    /// Whether a call before it may have had its effect, or still have it.
    package var isRepetition = false

    package init(at: Int64, exceptions: [Int: Exception] = [:]) {
        self.at = at
        self.exceptions = exceptions
    }
}
