import JobRuntime
import Testing

/// The names that operators type and dashboards read: changing one is a change of layout.
@Suite struct KeySpaceTests {
    private let id = JobID(milliseconds: 7, partition: 2, random: 0)

    @Test func bareNamesByDefault() {
        let keys = KeySpace()
        #expect(keys.stream("message_queue:sms") == "message_queue:sms")
        #expect(keys.retry("message_queue:sms") == "message_queue:sms:retry")
        #expect(keys.dead("message_queue:sms") == "message_queue:sms:dead")
        #expect(keys.record(id) == "job:00000000-0007-7002-8000-000000000000")
        #expect(keys.events == "message_events")
        #expect(keys.worker("host-1-ab") == "worker:host-1-ab")
        #expect(KeySpace.group == "workers")
    }

    @Test func thePrefixStandsInFrontOfEveryKey() {
        let keys = KeySpace(prefix: "stage:")
        let all = [
            keys.stream("q"), keys.retry("q"), keys.dead("q"), keys.record(id), keys.events, keys.worker("c"),
        ]
        #expect(
            all == [
                "stage:q", "stage:q:retry", "stage:q:dead", "stage:job:\(id)", "stage:message_events",
                "stage:worker:c",
            ])
    }
}
