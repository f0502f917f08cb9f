import JobRuntime
import Testing

/// The keys of two things must never be one.
@Suite struct JobQueueTests {
    @Test(arguments: [
        "work", "message_queue:sms", "a b", "Größe", "queue", "job", "jobs:night", "worker", "events", "dead",
        "high", "dead:letters", "unique", "my:uniques",
    ])
    func aName(text: String) { #expect(JobQueue.isName(text)) }

    @Test(arguments: [
        "", "a,b", ",", "a\nb", "a\0", "a\u{7F}", "workers", "queues", "queues:paused", "schedules", "job:7",
        "worker:host-1-ab", "message_events", "message_events:tail", "posthaste:memory", "work:high", "work:normal",
        "work:low", "work:retry", "work:scheduled", "work:dead", "work:unique:k", "idempotency:k",
    ])
    func noName(text: String) { #expect(!JobQueue.isName(text)) }

    /// Whatever another thing is called, it cannot be a queue.
    @Test func noOtherKeyIsAName() {
        let keys = KeySpace()
        let others = [
            keys.stream("q", .high), keys.stream("q", .low), keys.retry("q"), keys.scheduled("q"), keys.dead("q"),
            keys.unique("q", "k"), keys.idempotency("k"), keys.record(JobID()), keys.events, keys.tail,
            keys.worker("c"), keys.workers,
            keys.queues, keys.paused, keys.schedules, keys.memory, keys.probe,
        ]
        #expect(others.filter(JobQueue.isName) == [])
    }
}
