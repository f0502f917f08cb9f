import JobRuntime
import Testing

@testable import Operations

@Suite struct QueueTableTests {
    private let now = Moment(1_795_275_206_746)

    private func queue(
        _ name: String, high: Int = 0, depth: Int = 0, pending: Int = 0,
        _ change: (inout QueueStatus) -> Void = { _ in }
    ) -> QueueStatus {
        var queue = QueueStatus(
            queue: name, isTracked: true, isPaused: false,
            lanes: [
                LaneDepth(.high, depth: high, pending: 0), LaneDepth(.normal, depth: depth, pending: pending),
                LaneDepth(.low, depth: 0, pending: 0),
            ], workers: 2, slots: 200)
        change(&queue)
        return queue
    }

    @Test func aLinePerQueue() {
        let table = QueueTable(
            [
                queue("message_queue:sms", depth: 120, pending: 40) {
                    $0.oldestWaiting = 3200
                    $0.retrying = 7
                    $0.retryDue = Moment(now.milliseconds + 90_000)
                    $0.scheduled = 1
                    $0.scheduledDue = Moment(now.milliseconds + 60_000)
                    $0.dead = 3
                },
                queue("thumbnails") {
                    $0.isTracked = false
                    $0.isPaused = true
                    ($0.workers, $0.slots) = (0, 0)
                    $0.retrying = 1
                    $0.retryDue = Moment(now.milliseconds - 1)
                },
            ], now: now)
        #expect(
            table.text() == """
                QUEUE              DEPTH  OLDEST  PENDING  SLOTS  WORKERS  RETRYING  SCHEDULED  NEXT DUE  DEAD
                message_queue:sms    120   3.2 s       40    200        2         7          1     1 min     3
                thumbnails             0                0      0        0         1          0      0 ms     0  paused, no worker, untracked
                """)
    }

    @Test func lanesAreShownWhereThereIsMoreThanOne() {
        let table = QueueTable([queue("work", high: 2, depth: 5, pending: 1)], now: now)
        #expect(
            table.text() == """
                QUEUE     DEPTH  OLDEST  PENDING  SLOTS  WORKERS  RETRYING  SCHEDULED  NEXT DUE  DEAD
                work          7                1    200        2         0          0               0
                  high        2                0
                  normal      5                1
                  low         0                0
                """)
    }

    @Test func workThatNobodyDoesIsAnAlarm() {
        let palette = Palette(hasColours: true)
        func note(_ queue: QueueStatus) -> String {
            String(QueueTable([queue], now: now).text(palette).split(separator: "\n")[1].suffix(19))
        }
        let idle = queue("work") { $0.workers = 0 }
        #expect(note(idle).hasSuffix("\u{1B}[2mno worker\u{1B}[0m"))
        let waiting = queue("work", depth: 1) { $0.workers = 0 }
        #expect(note(waiting).hasSuffix("\u{1B}[31mno worker\u{1B}[0m"))
        let paused = queue("work", depth: 1) { $0.isPaused = true }
        #expect(note(paused).hasSuffix("\u{1B}[33mpaused\u{1B}[0m"))
    }

    @Test func inJSONEverythingHasItsName() throws {
        let status = queue("work", depth: 5, pending: 1) {
            $0.oldestWaiting = 17
            $0.retryDue = now
        }
        #expect(
            try JSONText.line(status)
                == #"{"dead":0,"depth":5,"lanes":[{"depth":0,"lane":"high","pending":0},"#
                + #"{"depth":5,"lane":"normal","pending":1},{"depth":0,"lane":"low","pending":0}],"#
                + #""oldest_waiting_ms":17,"paused":false,"pending":1,"queue":"work","#
                + #""retry_due":"2026-11-21T15:33:26.746Z","retrying":0,"scheduled":0,"slots":200,"tracked":true,"#
                + #""workers":2}"#)
    }
}
