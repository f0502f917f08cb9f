import Testing

@testable import JobRuntime
@testable import Operations

@Suite struct JobReportTests {
    private let now = Moment(1_795_275_206_746)

    private func job(
        _ state: JobExplanation.State, _ change: (inout JobExplanation) -> Void = { _ in }
    ) throws -> JobExplanation {
        var job = JobExplanation(try #require(JobID("01a1febd-aedd-7000-ad35-0077751616ac")), state)
        job.queue = "message_queue:sms"
        change(&job)
        return job
    }

    private func advice(
        _ state: JobExplanation.State, _ change: (inout JobExplanation) -> Void
    ) throws -> [String] {
        JobReport(try job(state, change), now: now).advice
    }

    @Test func whatIsTheMatterThenWhatToDoThenTheRest() throws {
        let report = JobReport(
            try job(.waiting) {
                $0.summary = "Waiting: the queue is paused."
                $0.lane = .high
                $0.kind = "sms"
                $0.attempt = 2
                $0.enqueuedAt = Moment(now.milliseconds - 61_000)
                $0.obstacles = [.paused]
                $0.deliveries = 1
            }, now: now)
        #expect(
            report.text() == """
                01a1febd-aedd-7000-ad35-0077751616ac
                Waiting: the queue is paused.
                  posthaste resume sms

                queue       message_queue:sms
                lane        high
                kind        sms
                attempt     2
                enqueued    2026-11-21T15:32:25.746Z, 1 min ago
                deliveries  1
                """)
    }

    @Test func ofAnUnknownJobThereIsNothingMoreToSay() throws {
        let job = try job(.notFound) {
            $0.queue = nil
            $0.summary = "Nothing is known."
        }
        #expect(JobReport(job, now: now).text() == "01a1febd-aedd-7000-ad35-0077751616ac\nNothing is known.")
    }

    @Test func sinceMeansTheAttemptThatRunsOrTheLastOne() throws {
        let running = try job(.running) { $0.since = now }
        #expect(JobReport(running, now: now).text().contains("\nsince  2026"))
        let ended = try job(.succeeded) { $0.since = now }
        #expect(JobReport(ended, now: now).text().contains("\nlast attempt ended  2026"))
    }

    @Test func forEveryObstacleThereIsACommand() throws {
        let advice = try advice(.waiting) { $0.obstacles = [.paused, .noWorker, .noHandler, .slotsBusy] }
        #expect(
            advice == [
                "posthaste resume sms", "posthaste worker",
                "posthaste workers --json   # which kinds each worker has handlers for",
                "posthaste pending sms   # who is busy, and with how much",
            ])
    }

    @Test func whatASilentWorkerHoldsCanBeTakenOverBeforeItsTime() throws {
        func silent(_ until: Moment?) throws -> [String] {
            try advice(.running) {
                $0.isWorkerAlive = false
                $0.until = until
            }
        }
        #expect(try silent(Moment(now.milliseconds + 1)) == ["posthaste reclaim sms   # take it over at once"])
        #expect(try silent(now) == [], "it is taken over anyway")
        #expect(try silent(nil) == [], "nobody is there to take it")
        #expect(
            try advice(.running) {
                $0.isWorkerAlive = true
                $0.until = Moment(now.milliseconds + 1)
            } == [])
    }

    @Test func aDeadLetterCanBeRedrivenAndOneThatMayHaveBeenSentDropped() throws {
        #expect(try advice(.dead) { $0.deadLetter = "1-0" } == ["posthaste dead redrive sms 1-0"])
        #expect(
            try advice(.unknown) { $0.deadLetter = "1-0" } == [
                "posthaste resolve 01a1febd-aedd-7000-ad35-0077751616ac   # it was sent: ends it as succeeded",
                "posthaste dead redrive sms 1-0   # tries it again",
                "posthaste dead drop sms 1-0   # leaves it at that",
            ])
        #expect(try advice(.dead) { _ in } == [])
    }

    @Test func whatWasReportedIsShownWithItsMoment() throws {
        let report = JobExplanation.Report(name: "delivered\u{7}", rank: 100, at: now, detail: "{}")
        let job = try job(.succeeded) { $0.report = report }
        #expect(
            JobReport(job, now: now).text().hasSuffix("\nreported  delivered , 2026-11-21T15:33:26.746Z, 0 ms ago"))
        #expect(
            try JSONText.line(job).contains(
                #""report":{"at":"2026-11-21T15:33:26.746Z","detail":"{}","name":"delivered"#))
    }

    @Test func whatComesFromAfarMovesNoCursor() throws {
        let report = JobReport(
            try job(.dead) {
                $0.summary = "failed: \u{1B}[2J"
                $0.result = "a\u{7}b"
            }, now: now)
        #expect(!report.text().unicodeScalars.contains("\u{1B}"))
        #expect(report.text().contains("a b"))
    }

    @Test func inJSONEverythingHasItsName() throws {
        let job = try job(.waiting) {
            $0.summary = "Waiting."
            $0.age = 61_000
            $0.ahead = 3
            $0.isFurtherBack = false
            $0.obstacles = [.slotsBusy, .noHandler]
            $0.until = now
            $0.isWorkerAlive = false
            $0.deadLetter = "1-0"
            $0.enqueuedAt = now
        }
        #expect(
            try JSONText.line(job)
                == #"{"age_ms":61000,"ahead":3,"dead_letter":"1-0","enqueued_at":"2026-11-21T15:33:26.746Z","#
                + #""further_back":false,"id":"01a1febd-aedd-7000-ad35-0077751616ac","#
                + #""obstacles":["slots_busy","no_handler"],"queue":"message_queue:sms","state":"waiting","#
                + #""summary":"Waiting.","until":"2026-11-21T15:33:26.746Z","worker_alive":false}"#)
        #expect(try JSONText.line(try self.job(.notFound)).contains(#""state":"not_found""#))
    }
}
