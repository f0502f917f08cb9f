import Foundation
import JobRuntime
import Redis
import TestSupport
import Testing

/// What an operator sees, command by command.
@Suite struct OperatorTests {
    @Test func beforeAnyWorkerComesMessagesWait() async throws {
        let fleet = try await Fleet()
        let ids = try await fleet.sendTexts(1) + fleet.sendTexts(1)
        let queues: [QueueStatus] = try await fleet.answer("queues")
        #expect(queues.map(\.queue) == ["sms", "mms", "email", "webhook"].map { "message_queue:\($0)" })
        #expect(queues.map(\.depth) == [2, 0, 0, 0])
        let table = try await fleet.operate("queues")
        #expect(table.code == 0)
        #expect(table.output.contains(/\nmessage_queue:sms +2 .*no worker\n/), "\(table.output)")

        let job = try await fleet.operate("inspect", ids[1])
        #expect(job.code == 0)
        #expect(job.output.contains("\nWaiting behind 1 in the normal lane of message_queue:sms: no living worker"))
        #expect(job.output.contains("\n  posthaste worker\n"))
        let explanation: JobExplanation = try await fleet.answer("inspect", ids[0])
        #expect((explanation.state, explanation.ahead, explanation.obstacles) == (.waiting, 0, [.noWorker]))

        let workers = try await fleet.operate("workers")
        #expect(workers.code == 1 && workers.output == "No worker is alive.\n")
        #expect(try await fleet.operate("workers", "--json").decoded(as: [WorkerStatus].self).isEmpty)
        let pending: [QueuePending] = try await fleet.answer("pending", "sms", "message_queue:mms")
        #expect(pending.map(\.depth) == [2, 0])
        let top = try await fleet.operate("top")
        #expect(top.code == 0 && top.output.hasSuffix("\n\nNo worker is alive.\n"))
        #expect(!top.output.contains("\u{1B}"), "there is no terminal")
        #expect(try await fleet.operate("top", "--json").output.contains(#""workers" : ["#))
    }

    @Test func aWorkerIsSeenAtItsWork() async throws {
        let fleet = try await Fleet()
        let worker = try await fleet.startWorker()
        let id = try await fleet.sendTexts(1, directive: "[simulate:delay=8000,times=1]")[0]
        try await fleet.until(id, is: "running")
        let late = try await fleet.operate("cancel", id, "--yes")
        #expect(late.code == 1 && late.output == "\(id) is being run, and cannot be taken back\n")
        let workers: [WorkerStatus] = try await fleet.answer("workers")
        try #require(workers.map(\.consumer) == [worker.consumer])
        #expect((workers[0].pending, workers[0].slots) == (1, 100))
        #expect(try await fleet.operate("workers").output.contains("sms mms email webhook"))
        let running = try await fleet.operate("inspect", id)
        #expect(running.output.contains("Being run by \(worker.consumer) since "))
        #expect(running.output.contains("attempt 1, delivery 1."))
        let pending = try await fleet.operate("pending", "sms")
        let line = pending.output.split(separator: "\n").first { $0.hasPrefix("  \(worker.consumer) ") }
        #expect(line?.split(separator: " ").dropFirst().first == "1", "\(pending.output)")

        try await fleet.allSent([id])
        let done: JobExplanation = try await fleet.answer("inspect", id)
        #expect((done.state, done.consumer, done.deliveries) == (.succeeded, worker.consumer, 1))
    }

    @Test func aPausedQueueWaitsUntilItIsResumed() async throws {
        let fleet = try await Fleet()
        let pause = try await fleet.operate("pause", "sms", "email")
        #expect(pause.code == 0)
        #expect(pause.output == "message_queue:sms is paused\nmessage_queue:email is paused\n")
        let worker = try await fleet.startWorker()
        try await eventually("the worker lives") { try await fleet.operate("workers").code == 0 }
        let id = try await fleet.sendTexts(1)[0]
        // A message of a queue that is not paused is delivered meanwhile.
        let other = try await fleet.send([
            "from": "orders", "to": "http://127.0.0.1:\(fleet.simulatorPort)/webhooks/orders", "type": "webhook",
            "body": "{}",
        ])
        try await fleet.allSent([other])
        let waiting: JobExplanation = try await fleet.answer("inspect", id)
        #expect((waiting.state, waiting.obstacles) == (.waiting, [.paused]))
        #expect(try await fleet.operate("queues").output.contains(/\nmessage_queue:sms .* paused\n/))
        let resume = try await fleet.operate("resume", "sms", "--json")
        #expect(resume.code == 0 && resume.output.contains(#""paused" : false"#))
        try await fleet.allSent([id])
        #expect(worker.process.isRunning)
    }

    @Test func whatADeadWorkerHoldsIsTakenOverAtOnce() async throws {
        let fleet = try await Fleet(lease: .seconds(600))
        let doomed = try await fleet.startWorker()
        let ids = try await fleet.sendTexts(3, directive: "[simulate:delay=8000,times=1]")
        try await eventually("it holds them") { try await fleet.held(by: doomed.consumer) == 3 }
        await doomed.process.killHard()
        let early = try await fleet.operate("reclaim", "sms", "--yes")
        #expect(early.code == 1, "its heartbeat still stands")
        #expect(early.output.contains("there was nothing to take over"))

        _ = try await fleet.redis.command("DEL", "worker:\(doomed.consumer)")
        _ = try await fleet.redis.command("ZREM", "workers", doomed.consumer)
        let silent = try await fleet.operate("workers")
        #expect(silent.code == 1)
        #expect(silent.output.split(separator: "\n").last?.hasPrefix(doomed.consumer) == true)
        #expect(silent.output.contains(/\ +3 +no heartbeat\n/))
        _ = try await fleet.startWorker()
        let refused = try await fleet.operate("reclaim", "sms", "mms")
        #expect(refused.code == 64 && refused.output.contains("--yes"))
        #expect(try await fleet.held(by: doomed.consumer) == 3, "nothing was done")
        let reclaimed: [Reclamation] = try await fleet.answer("reclaim", "sms", "mms", "--yes")
        try #require(reclaimed.map(\.handedBack) == [3, 0])
        #expect(reclaimed[0].consumers == [doomed.consumer])
        try await fleet.allSent(ids)
    }

    @Test func whatIsNotThereIsSaidAndWhatIsWrongRefused() async throws {
        let fleet = try await Fleet()
        let unknown = "\(JobID())"
        for (words, code, text) in [
            (["inspect", unknown], 1, "Nothing is known of this job."), (["inspect", "7"], 64, "expected a UUID"),
            (["cancel", unknown, "--yes"], 1, "\(unknown) is not known"), (["cancel"], 64, "Missing expected argument"),
            (["pause", "nope"], 1, "there is no queue nope; there are sms, mms, email, webhook"),
            (["pending", "nope"], 1, "there is no queue nope"),
            (["reclaim", "sms", "--yes"], 1, "nothing to take over"),
            (["reclaim", "sms", "--force", "-1", "--yes"], 64, "--force"), (["dead", "list"], 1, "no dead letter"),
            (["dead", "list", "sms", "--limit", "1001"], 64, "--limit: expected 1 to 1000"),
            (["dead", "list", "--from", "1-0"], 64, "--from: expected one queue"),
            (["dead", "list", "sms", "--from", "x"], 64, "--from: expected a letter's id"),
            (["dead", "list", "--before", "soon"], 64, "--before: expected RFC 3339"),
            (["dead", "show", "sms", "1-0"], 1, "has no dead letter 1-0"),
            (["dead", "show", "sms", "x"], 64, "expected a letter's"),
            (["dead", "drop", "sms"], 64, "say which"), (["dead", "redrive", "sms", "1-0", "--all"], 64, "say which"),
            (["dead", "redrive", "sms", "--all", "--rate", "0"], 64, "--rate: expected a number above 0"),
            (["dead", "redrive", "sms", "--all", "--yes"], 1, "no dead letter matches"),
            (["dead", "drop", "sms", unknown, "--yes"], 1, "has no dead letter of \(unknown)"),
        ] as [([String], Int32, String)] {
            let answer = try await fleet.operate(words)
            #expect(answer.code == code && answer.output.contains(text), "\(words): \(answer)")
        }
    }

    @Test func aRedisThatIsAwayAndASettingThatIsWrongHaveCodesOfTheirOwn() async throws {
        let fleet = try await Fleet()
        let away = ["REDIS_URL": "redis://127.0.0.1:\(try freePort())/0"]
        for words in [
            ["queues"], ["pending"], ["workers"], ["inspect", "\(JobID())"], ["top"], ["tail"], ["dead", "list"],
            ["dead", "show", "sms", "1-0"], ["dead", "drop", "sms", "--all", "--yes"], ["pause", "sms"],
            ["resume", "sms"], ["cancel", "\(JobID())", "--yes"], ["reclaim", "sms", "--yes"],
        ] {
            let answer = try await fleet.operate(words, environment: away)
            #expect(answer.code == 69, "\(words): \(answer)")
            #expect(answer.output.hasPrefix("posthaste: Redis cannot be reached ("), "\(answer.output)")
        }
        let wrong = try await fleet.operate(["queues"], environment: ["REDIS_URL": "http://:hunter2@x"])
        #expect(wrong.code == 64 && wrong.output.contains("REDIS_URL: expected"))
        #expect(!wrong.output.contains("hunter2"))
    }

    /// Whatever is asked, Redis's keys are never searched.
    @Test func noCommandSearchesTheKeys() async throws {
        let fleet = try await Fleet()
        let id = try await fleet.sendTexts(1)[0]
        for words in [
            ["queues"], ["pending"], ["workers"], ["inspect", id], ["top"], ["dead", "list"], ["pause", "sms"],
            ["resume", "sms"], ["reclaim", "sms", "--yes"], ["dead", "redrive", "sms", "--all", "--yes"],
            ["dead", "drop", "sms", "--all", "--yes"], ["dead", "show", "sms", id], ["cancel", id, "--yes"],
        ] {
            _ = try await fleet.operate(words)
        }
        let statistics = try await fleet.redis.command("INFO", "commandstats").string ?? ""
        #expect(statistics.contains("cmdstat_xinfo"), "they did ask")
        #expect(!statistics.contains("cmdstat_keys:") && !statistics.contains("cmdstat_scan:"))
    }
}
