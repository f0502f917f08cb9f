import JobRuntime
import Testing

@testable import Operations

@Suite struct ThroughputTests {
    private func worker(_ name: String, seenAt: Int64, done: Int, failed: Int = 0) -> WorkerStatus {
        var worker = WorkerStatus(name, isAlive: true)
        worker.seenAt = Moment(seenAt)
        (worker.done, worker.failed) = (done, failed)
        return worker
    }

    @Test func oneHeartbeatTellsNoRate() {
        var throughput = Throughput()
        #expect(throughput.total == nil)
        throughput.update([worker("a", seenAt: 1000, done: 500)])
        #expect(throughput.rates.isEmpty && throughput.total == nil)
    }

    @Test func theRateIsWhatWasDoneBetweenTheLastTwo() {
        var throughput = Throughput()
        throughput.update([worker("a", seenAt: 1000, done: 500, failed: 1), worker("b", seenAt: 1500, done: 0)])
        throughput.update([worker("a", seenAt: 6000, done: 600, failed: 11), worker("b", seenAt: 1500, done: 0)])
        #expect(throughput.rates == ["a": .init(done: 20, failed: 2)])
        throughput.update([worker("a", seenAt: 6000, done: 600, failed: 11), worker("b", seenAt: 6500, done: 50)])
        #expect(
            throughput.rates == ["a": .init(done: 20, failed: 2), "b": .init(done: 10, failed: 0)],
            "until the next heartbeat the last rate stands")
        #expect(throughput.total == .init(done: 30, failed: 2))
    }

    @Test func whoIsGoneIsForgotten() {
        var throughput = Throughput()
        for seenAt in [1000, 6000] as [Int64] { throughput.update([worker("a", seenAt: seenAt, done: Int(seenAt))]) }
        #expect(throughput.total != nil)
        throughput.update([WorkerStatus("a", isAlive: false, pending: 3)])
        #expect(throughput.total == nil)
    }

    @Test(arguments: [(0, "0.0"), (0.44, "0.4"), (9.96, "10.0"), (12.5, "13"), (1234.4, "1234")])
    func ratesAreReadEasily(rate: Double, text: String) {
        #expect(Throughput.text(rate) == text)
    }
}

@Suite struct TopFrameTests {
    private let now = Moment(1_795_275_206_746)

    private func sample(workers: [WorkerStatus] = []) -> TopSample {
        let lanes = Lane.allCases.map { LaneDepth($0, depth: 0, pending: 0) }
        return TopSample(
            at: now, queues: [QueueStatus(queue: "work", isTracked: true, isPaused: false, lanes: lanes)],
            workers: workers)
    }

    private var worker: WorkerStatus {
        var worker = WorkerStatus("a-1-x", isAlive: true)
        worker.seenAt = now
        return worker
    }

    @Test func theServerTheQueuesTheWorkers() {
        let lines = TopFrame(sample(workers: [worker]), of: "127.0.0.1:6379", Throughput()).lines()
        #expect(lines[0] == "posthaste  2026-11-21T15:33:26.746Z  127.0.0.1:6379  1 worker")
        #expect(lines[1] == "")
        #expect(lines[2].hasPrefix("QUEUE") && lines[3].hasPrefix("work "))
        #expect(lines[4] == "")
        #expect(lines[5].hasPrefix("WORKER") && lines[6].hasPrefix("a-1-x"))
        #expect(lines.count == 7)
    }

    @Test func whoIsDeadIsNoWorker() {
        let dead = WorkerStatus("b-2-y", isAlive: false, pending: 1)
        let lines = TopFrame(sample(workers: [dead]), of: "redis", Throughput()).lines()
        #expect(lines[0].hasSuffix("0 workers"))
        #expect(lines.last?.hasSuffix("no heartbeat") == true)
        #expect(TopFrame(sample(), of: "redis", Throughput()).lines().last == "No worker is alive.")
    }

    @Test func theRateOfAllStandsAbove() {
        var throughput = Throughput()
        for seconds in [0, 5] as [Int64] {
            var worker = worker
            worker.seenAt = Moment(now.milliseconds + seconds * 1000)
            (worker.done, worker.failed) = (Int(seconds) * 30, Int(seconds))
            throughput.update([worker])
        }
        let lines = TopFrame(sample(workers: [worker]), of: "redis", throughput).lines()
        #expect(lines[0].hasSuffix("1 worker  30 done/s  1.0 failed/s"))
    }

    @Test func whatIsNotOfNowSaysWhy() {
        let lines = TopFrame(sample(), of: "redis", Throughput(), trouble: "gone\u{1B}").lines()
        #expect(lines[1] == "! gone ")
    }

    @Test func noLineIsWiderAndNoneIsBeyondTheLastOfTheTerminal() {
        let frame = TopFrame(sample(workers: [worker]), of: "redis", Throughput(), trouble: "gone")
        for width in [0, 1, 20, 60] {
            #expect(frame.lines(width: width).allSatisfy { $0.count <= width })
        }
        #expect(frame.lines(height: 7).count == 7, "it fits")
        let cut = frame.lines(height: 4)
        #expect(cut.count == 4)
        #expect(cut[3] == "… 4 more lines")
    }

    @Test func inJSONEverythingHasItsName() throws {
        let json = try JSONText.line(sample(workers: [worker]))
        #expect(json.hasPrefix(#"{"at":"2026-11-21T15:33:26.746Z","queues":[{"dead":0,"#))
        #expect(json.contains(#""workers":[{"abandoned":0,"alive":true,"consumer":"a-1-x""#))
    }
}
