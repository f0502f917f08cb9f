import JobRuntime
import Testing

/// The names that operators type and dashboards read: changing one is a change of layout.
@Suite struct KeySpaceTests {
    private let id = JobID(milliseconds: 7, partition: 2, random: 0)

    @Test func bareNamesByDefault() {
        let keys = KeySpace()
        #expect(keys.stream("message_queue:sms") == "message_queue:sms")
        #expect(keys.stream("message_queue:sms", .normal) == "message_queue:sms")
        #expect(keys.stream("message_queue:sms", .high) == "message_queue:sms:high")
        #expect(keys.stream("message_queue:sms", .low) == "message_queue:sms:low")
        #expect(keys.retry("message_queue:sms") == "message_queue:sms:retry")
        #expect(keys.scheduled("message_queue:sms") == "message_queue:sms:scheduled")
        #expect(keys.dead("message_queue:sms") == "message_queue:sms:dead")
        #expect(keys.record(id) == "job:00000000-0007-7002-8000-000000000000")
        #expect(keys.events == "message_events")
        #expect(keys.tail == "message_events:tail")
        #expect(keys.worker("host-1-ab") == "worker:host-1-ab")
        #expect(keys.workers == "workers")
        #expect(keys.queues == "queues")
        #expect(keys.paused == "queues:paused")
        #expect(keys.schedules == "schedules")
        #expect(keys.unique("q", "order 7") == "q:unique:order 7")
        #expect(keys.idempotency("9f86") == "idempotency:9f86")
        #expect(KeySpace.group == "workers")
    }

    @Test func thePrefixStandsInFrontOfEveryKey() {
        let keys = KeySpace(prefix: "stage:")
        let all = [
            keys.stream("q"), keys.stream("q", .high), keys.retry("q"), keys.scheduled("q"), keys.dead("q"),
            keys.unique("q", "k"), keys.record(id), keys.events, keys.tail, keys.worker("c"), keys.workers,
            keys.queues, keys.paused, keys.schedules, keys.memory, keys.probe, keys.replicationMark,
        ]
        #expect(
            all == [
                "stage:q", "stage:q:high", "stage:q:retry", "stage:q:scheduled", "stage:q:dead", "stage:q:unique:k",
                "stage:job:\(id)", "stage:message_events", "stage:message_events:tail", "stage:worker:c",
                "stage:workers", "stage:queues", "stage:queues:paused", "stage:schedules", "stage:posthaste:memory",
                "stage:posthaste:probe", "stage:posthaste:replicated",
            ])
    }
}
