package import NIOCore

/// One stream entry as it was delivered to this worker. A class, because it is handed on often and never changed.
package final class Delivered: Sendable {
    package let entry: Entry
    /// How often the entry has been delivered, this time included: with the owner, what the fence checks.
    package let deliveries: Int
    package let job: JobID
    package let kind: String
    package let attempt: Int
    /// Unix milliseconds of the store's clock.
    package let enqueuedAt: Int64
    package let payload: ByteBuffer
    package let meta: JobMeta
    /// Whether the entry could be read as a job. One that somebody else wrote into the stream has but its id.
    package let isJob: Bool

    package init(
        entry: Entry, deliveries: Int, job: JobID, kind: String, attempt: Int, enqueuedAt: Int64, payload: ByteBuffer,
        meta: JobMeta
    ) {
        self.entry = entry
        self.deliveries = deliveries
        self.job = job
        self.kind = kind
        self.attempt = attempt
        self.enqueuedAt = enqueuedAt
        self.payload = payload
        self.meta = meta
        isJob = true
    }

    private init(foreign entry: Entry, deliveries: Int) {
        self.entry = entry
        self.deliveries = deliveries
        (job, kind, attempt, enqueuedAt) = (JobID(high: 0, low: 0), "", 1, 0)
        (payload, meta, isJob) = (ByteBuffer(), JobMeta(), false)
    }

    /// An entry that is no job of ours.
    package static func foreign(_ entry: Entry, deliveries: Int) -> Delivered {
        Delivered(foreign: entry, deliveries: deliveries)
    }
}
