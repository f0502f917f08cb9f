import JobRuntime
import Testing

@testable import Operations

@Suite struct PendingTableTests {
    @Test func aLinePerQueueAndUnderItOnePerConsumer() {
        let table = PendingTable([
            QueuePending(
                queue: "message_queue:sms", depth: 12, pending: 3, retrying: 1, dead: 0, oldestAge: 61_000,
                consumers: [
                    ConsumerPending(name: "a-1-x", pending: 3, idle: 1250, deliveries: 2, isAlive: false),
                    ConsumerPending(name: "b-2-y", pending: 0, idle: nil, deliveries: nil, isAlive: true),
                ])
        ])
        #expect(
            table.text() == """
                QUEUE / CONSUMER   DEPTH  PENDING  RETRYING  DEAD   IDLE  DELIVERIES
                message_queue:sms     12        3         1     0                     oldest 1 min
                  a-1-x                         3                  1.2 s           2  no heartbeat
                  b-2-y                         0
                """)
    }

    @Test(arguments: [
        (0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (59_999, "59.9 s"), (60_000, "1 min"), (7_200_000, "2 h"),
    ])
    func ages(milliseconds: Int64, text: String) {
        #expect(ageText(milliseconds) == text)
    }
}
