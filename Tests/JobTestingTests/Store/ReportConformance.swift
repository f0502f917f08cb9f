import JobRuntime
import TestSupport
import Testing

extension Conformance {
    /// What somebody else says of a job.
    @Suite struct Reporting {
        private func report(
            _ name: String, _ rank: Int, token: String? = nil, detail: String? = nil, proves: Bool = false
        ) -> JobReport {
            JobReport(name: name, rank: rank, detail: detail, token: token ?? name, provesEffect: proves)
        }

        @Test(arguments: Ground.allCases)
        func theReportOfTheHighestRankIsShown(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()[0].job
                #expect(try await bench.store.report(report("sent", 80, detail: "{}"), of: job) == .applied)
                let first = try #require(try await bench.store.record(of: job)?.report)
                #expect((first.name, first.rank, first.detail) == ("sent", 80, "{}"))
                let now = try await bench.now()
                #expect((0...60_000).contains(now - first.at))
                #expect(try await bench.store.report(report("queued", 10), of: job) == .outranked)
                #expect(try await bench.store.report(report("sent", 80, token: "2"), of: job) == .outranked)
                #expect(try await bench.store.record(of: job)?.report == first)
                #expect(try await bench.store.report(report("delivered", 100), of: job) == .applied)
                let last = try #require(try await bench.store.record(of: job)?.report)
                #expect((last.name, last.rank, last.detail) == ("delivered", 100, nil))
                #expect(try await bench.store.report(report("other", 200, token: "sent"), of: job) == .duplicate)
                #expect(try await bench.store.record(of: job)?.report == last)
            }
        }

        @Test(arguments: Ground.allCases, 0..<8)
        func inAnyOrderAndHoweverOftenTheHighestRankStands(ground: Ground, seed: UInt64) async throws {
            try await withStore(ground) { bench in
                var random = SeededGenerator(state: seed &+ 1)
                let job = try await bench.delivered()[0]
                let reports = (0..<6).map { report("r\($0)", Int.random(in: -3...100, using: &random)) }
                let said = (reports + reports + reports.prefix(2)).shuffled(using: &random)
                let settledAfter = said.indices.randomElement(using: &random)
                var (known, best) = (Set<String>(), JobReport?.none)
                for (index, report) in said.enumerated() {
                    let isNew = known.insert(report.token).inserted
                    let isHigher = best.map { $0.rank < report.rank } ?? true
                    let expected: JobReport.Reception = !isNew ? .duplicate : isHigher ? .applied : .outranked
                    #expect(try await bench.store.report(report, of: job.job) == expected)
                    if isNew, isHigher { best = report }
                    if index == settledAfter { _ = try await bench.settle(.done(result: ""), [job]) }
                }
                let shown = try #require(try await bench.store.record(of: job.job))
                #expect(shown.report?.rank == reports.map(\.rank).max())
                #expect(shown.report?.name == best?.name)
                #expect(shown.state == .succeeded(result: nil))
            }
        }

        @Test(arguments: Ground.allCases)
        func ofAJobThatNobodyKnowsItIsNotKept(ground: Ground) async throws {
            try await withStore(ground) { (bench: StoreBench) async throws in
                let job = JobID()
                #expect(try await bench.store.report(report("sent", 80), of: job) == .notFound)
                #expect(try await bench.store.record(of: job) == nil)
            }
        }

        /// Whether it was held, or was about to be, or had ended before: a record goes some time after the end.
        @Test(arguments: Ground.allCases, ["before", "held", "done"])
        func aReportKeepsNoRecordAndBringsNoneBack(ground: Ground, said: String) async throws {
            try await withStore(ground, recordTTL: .milliseconds(60)) { bench in
                let job = try await bench.delivered()
                let proof = report("sent", 80, proves: true)
                if said == "before" { _ = try await bench.store.report(proof, of: job[0].job) }
                _ = try await bench.settle(said == "done" ? .done(result: "") : .unknown, job)
                if said != "before" { _ = try await bench.store.report(proof, of: job[0].job) }
                try await bench.pass(60)
                #expect(try await bench.store.record(of: job[0].job) == nil)
                #expect(try await bench.store.report(report("late", 90), of: job[0].job) == .notFound)
                #expect(try await bench.store.record(of: job[0].job) == nil)
            }
        }

        @Test(arguments: Ground.allCases)
        func aHeldJobIsDoneWhenItsEffectIsProved(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(2)
                _ = try await bench.settle(.unknown, jobs)
                let job = jobs[0].job
                #expect(try await bench.store.report(report("queued", 10, proves: false), of: job) == .applied)
                #expect(try await bench.state(job) == .unknown)
                let proof = report("sent", 80, detail: #"{"sid":1}"#, proves: true)
                #expect(try await bench.store.report(proof, of: job) == .applied)
                let record = try #require(try await bench.store.record(of: job))
                #expect(record.state == .succeeded(result: #"{"sid":1}"#))
                #expect(record.error == nil && record.startedAt == nil)
                #expect(record.settledAt != nil)
                #expect(try await bench.letters().map(\.job) == [jobs[1].job])
                #expect(try await bench.store.cancel(job) == .ended(state: "done"))
                #expect(try await bench.state(jobs[1].job) == .unknown)
            }
        }

        @Test(arguments: Ground.allCases)
        func aProofOfALowerRankIsOneAllTheSame(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(.unknown, job)
                #expect(try await bench.store.report(report("failed", 90), of: job[0].job) == .applied)
                #expect(try await bench.store.report(report("sent", 80, proves: true), of: job[0].job) == .outranked)
                let record = try #require(try await bench.store.record(of: job[0].job))
                #expect(record.state == .succeeded(result: nil))
                #expect(record.report?.name == "failed")
            }
        }

        /// A callback may be faster than the worker that waits for the answer, which then never comes.
        @Test(arguments: Ground.allCases)
        func aJobIsNotHeldWhoseEffectWasProvedBefore(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(2)
                for (job, detail) in zip(jobs, ["1", nil]) {
                    _ = try await bench.store.report(report("sent", 80, detail: detail, proves: true), of: job.job)
                    _ = try await bench.store.report(report("late", 90, detail: "2", proves: true), of: job.job)
                }
                #expect(try await bench.settle(.unknown, jobs) == [.settled, .settled])
                #expect(try await bench.state(jobs[0].job) == .succeeded(result: "1"))
                #expect(try await bench.state(jobs[1].job) == .succeeded(result: nil))
                #expect(try await bench.store.record(of: jobs[0].job)?.startedAt != nil)
                #expect(try await bench.letters().isEmpty)
                #expect(try await bench.reclaim(by: "b").delivered.isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func whatIsProvedNeitherDiesNorExpires(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let jobs = try await bench.delivered(5)
                _ = try await bench.settle(.dead, [jobs[0]])
                _ = try await bench.settle(.retry(in: .seconds(60)), [jobs[1]])
                for job in jobs {
                    _ = try await bench.store.report(report("sent", 80, proves: true), of: job.job)
                }
                guard case .retrying = try await bench.state(jobs[1].job) else {
                    Issue.record("its handler finds out")
                    return
                }
                let verbs = [Settlement.Verb.dead, .expired(error: "late"), .discarded(reason: .permanent, error: "x")]
                for (job, verb) in zip(jobs[2...], verbs) { #expect(try await bench.settle(verb, [job]) == [.settled]) }
                for number in [0, 2, 3, 4] {
                    #expect(try await bench.state(jobs[number].job) == .succeeded(result: nil))
                }
                #expect(try await bench.letters().isEmpty)
            }
        }

        @Test(arguments: Ground.allCases)
        func aJobWhoseLetterWasDroppedIsDoneAsWell(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.settle(.unknown, job)
                _ = try await bench.store.drop(try await bench.letters(), of: "work")
                #expect(try await bench.store.report(report("sent", 80, proves: true), of: job[0].job) == .applied)
                #expect(try await bench.state(job[0].job) == .succeeded(result: nil))
            }
        }

        @Test(arguments: Ground.allCases)
        func whatWasReportedStandsWhenTheJobIsRedriven(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let job = try await bench.delivered()
                _ = try await bench.store.report(report("sent", 80), of: job[0].job)
                _ = try await bench.settle(.dead, job)
                _ = try await bench.store.redrive(try await bench.letters(), of: "work")
                #expect(try await bench.store.record(of: job[0].job)?.report?.name == "sent")
                #expect(try await bench.store.report(report("sent", 99), of: job[0].job) == .duplicate)
            }
        }

        @Test(arguments: Ground.allCases)
        func aLongTokenIsToldFromAnother(ground: Ground) async throws {
            try await withStore(ground) { bench in
                let (client, job) = (bench.client, try await bench.delivered()[0].job)
                let long = String(repeating: "x", count: 5000)
                #expect(try await client.report(report("a", 1, token: long + "1"), of: job) == .applied)
                #expect(try await client.report(report("b", 2, token: long + "1"), of: job) == .duplicate)
                #expect(try await client.report(report("c", 3, token: long + "2"), of: job) == .applied)
            }
        }
    }
}
