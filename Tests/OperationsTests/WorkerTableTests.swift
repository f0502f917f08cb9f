import JobRuntime
import Testing

@testable import Operations

@Suite struct WorkerTableTests {
    private let now = Moment(1_795_275_206_746)

    private var worker: WorkerStatus {
        var worker = WorkerStatus("host-1-x", isAlive: true, pending: 3)
        worker.startedAt = Moment(now.milliseconds - 7_200_000)
        worker.seenAt = Moment(now.milliseconds - 1250)
        worker.queues = [.init("message_queue:sms", slots: 100), .init("thumbnails", slots: 4)]
        worker.slots = 104
        (worker.done, worker.failed) = (1234, 5)
        worker.longest = [.init(JobID(), since: Moment(now.milliseconds - 61_000)), .init(JobID(), since: now)]
        return worker
    }

    @Test func aLinePerWorker() {
        let silent = WorkerStatus("host-2-y", isAlive: false, pending: 2)
        #expect(
            WorkerTable([worker, silent], now: now).text() == """
                WORKER     UP   SEEN  PENDING  SLOTS  DONE  FAILED    LONGEST
                host-1-x  2 h  1.2 s        3    104  1234       5      1 min  sms thumbnails
                host-2-y                    2                                  no heartbeat
                """)
    }

    @Test func whatWasGivenUpIsToldOf() {
        var worker = worker
        worker.abandoned = 2
        #expect(WorkerTable([worker], now: now).text().hasSuffix("sms thumbnails, 2 given up and still running"))
    }

    @Test func ratesStandWhereTheyAreKnown() {
        let table = WorkerTable([worker], now: now, rates: ["host-1-x": .init(done: 12.4, failed: 0)])
        let lines = table.lines(.plain, width: nil)
        #expect(lines[0].hasSuffix("FAILED  PER S  LONGEST"))
        #expect(lines[1].contains("  5     12    1 min  "))
        let unknown = WorkerTable([worker], now: now, rates: [:]).lines(.plain, width: nil)
        #expect(unknown[1].contains("  5           1 min  "))
    }

    @Test func inJSONEverythingHasItsName() throws {
        var worker = WorkerStatus("host-1-x", isAlive: true)
        worker.startedAt = now
        worker.lease = 30_000
        worker.queues = [.init("work", slots: 4)]
        worker.longest = [.init(try #require(JobID("01a1febd-aedd-7000-ad35-0077751616ac")), since: now)]
        #expect(
            try JSONText.line(worker)
                == #"{"abandoned":0,"alive":true,"consumer":"host-1-x","done":0,"failed":0,"fenced":0,"host":"","#
                + #""kinds":[],"lease_ms":30000,"#
                + #""longest":[{"job":"01a1febd-aedd-7000-ad35-0077751616ac","since":"2026-11-21T15:33:26.746Z"}],"#
                + #""pending":0,"pid":0,"queues":[{"queue":"work","slots":4}],"reclaimed":0,"released":0,"#
                + #""running":0,"slots":0,"started_at":"2026-11-21T15:33:26.746Z","version":""}"#)
    }
}
