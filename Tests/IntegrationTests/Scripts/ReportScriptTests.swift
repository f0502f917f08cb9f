import Redis
import TestSupport
import Testing

@testable import JobRuntime

/// What `report.lua` writes, beside what both stores answer.
@Suite struct ReportScriptTests {
    private func report(
        _ name: String, _ rank: Int, token: String? = nil, detail: String? = nil, proves: Bool = false
    ) -> JobReport {
        JobReport(name: name, rank: rank, detail: detail, token: token ?? name, provesEffect: proves)
    }

    /// The ledger is told of all that was said, but of a repetition.
    @Test func everyReportIsAnEvent() async throws {
        try await withBench(events: true) { bench in
            let job = try await bench.delivered(1, to: "a")[0].job
            for (name, rank) in [("delivered", 100), ("sent", 80), ("sent", 80)] {
                _ = try await bench.store.report(report(name, rank, detail: "{}"), of: job)
            }
            let stranger = JobID()
            _ = try await bench.store.report(report("sent", 80), of: stranger)
            let events = try await bench.entries(bench.keys.events).dropFirst()
            #expect(events.map { $0["type"] } == ["reported", "reported", "reported"])
            #expect(events.map { $0["name"] } == ["delivered", "sent", "sent"])
            #expect(events.map { $0["rank"] } == ["100", "80", "80"])
            #expect(events.map { $0["token"] } == ["delivered", "sent", "sent"])
            #expect(events.map { $0["result"] } == ["{}", "{}", ""])
            #expect(events.map { $0["queue"] } == ["work", "work", ""])
            #expect(events.map { $0["id"] } == ["\(job)", "\(job)", "\(stranger)"])
            #expect(events.map { $0["attempt"] } == ["1", "1", "0"])
        }
    }

    @Test(arguments: [false, true])
    func whatIsProvedSucceedsOnce(beforeTheDoubt: Bool) async throws {
        try await withBench(events: true) { bench in
            let held = try await bench.delivered(1, to: "a")[0]
            let proof = report("sent", 80, detail: "1", proves: true)
            if beforeTheDoubt { _ = try await bench.store.report(proof, of: held.job) }
            _ = try await bench.settle([(held, .unknown)], by: "a")
            if !beforeTheDoubt { _ = try await bench.store.report(proof, of: held.job) }
            _ = try await bench.store.report(report("delivered", 100, proves: true), of: held.job)
            let types = beforeTheDoubt ? ["reported", "succeeded"] : ["unknown", "reported", "succeeded"]
            #expect(try await bench.events() == ["accepted"] + types + ["reported"])
            let done = try #require(
                try await bench.entries(bench.keys.events).first { $0["type"] == "succeeded" })
            #expect((done["result"], done["error"], done["attempt"]) == ("1", nil, "1"))
            let record = try await bench.record(held.job)
            #expect((record["state"], record["result"], record["reason"]) == ("done", "1", nil))
            let life = try #require(await bench.redis.ask("PTTL", bench.keys.record(held.job)).int)
            #expect((1...3_600_000).contains(life))
            #expect(try await bench.deadCount() == 0)
            #expect(try await bench.isEmpty())
        }
    }

    @Test func theRecordOfAJobStaysWithinItsBound() async throws {
        try await withBench { bench in
            let job = try await bench.enqueue(1)[0]
            for number in 0..<400 {
                let token = "\(number) " + String(repeating: "x", count: 1000)
                let said = report("r", number, token: token, proves: number.isMultiple(of: 2))
                #expect(try await bench.client.report(said, of: job) == .applied)
            }
            let record = try await bench.record(job)
            #expect(record.count < 210)
            #expect(record.keys.map(\.utf8.count).max() ?? 0 < 210)
            #expect(record["report_rank"] == "399", "what is said after that counts all the same")
            let first = report("r", 1000, token: "0 " + String(repeating: "x", count: 1000))
            #expect(try await bench.client.report(first, of: job) == .duplicate)
        }
    }
}
