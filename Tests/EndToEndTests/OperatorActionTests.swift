import Foundation
import JobRuntime
import Redis
import TestSupport
import Testing

/// What an operator does, and watches.
@Suite struct OperatorActionTests {
    private struct Letters: Decodable {
        struct Letter: Decodable {
            let letter, job, reason, error: String
            let redrivable: Bool
            let payload: String?
        }
        let queue: String
        let letters: [Letter]
        let next: String?
    }

    /// A Posthaste with so many dead letters of the queue of text messages, and no worker any more.
    private func withDeadLetters(_ count: Int, _ body: (Fleet, [String]) async throws -> Void) async throws {
        let fleet = try await Fleet()
        let worker = try await fleet.startWorker()
        var ids: [String] = []
        for _ in 0..<count { ids.append(try await fleet.sendHopeless()) }
        try await eventually("they are dead") {
            try await fleet.redis.command("XLEN", "message_queue:sms:dead").int == Int64(count)
        }
        #expect(await worker.process.terminate() == 0)
        try await body(fleet, ids)
    }

    // MARK: Dead letters

    @Test func deadLettersAreListedAndShown() async throws {
        try await withDeadLetters(3) { fleet, ids in
            let lists: [Letters] = try await fleet.answer("dead", "list", "sms", "--limit", "2")
            try #require(lists.map(\.letters.count) == [2])
            #expect(lists[0].letters[0].reason == "permanent" && lists[0].letters[0].redrivable)
            let next = try #require(lists[0].next)
            let text = try await fleet.operate("dead", "list", "sms", "--limit", "2")
            #expect(text.code == 0)
            #expect(text.output.contains("There are more: posthaste dead list sms --from \(next)"))
            #expect(text.output.contains("not a valid phone number"))
            let rest: [Letters] = try await fleet.answer("dead", "list", "sms", "--from", next)
            #expect(Set((lists[0].letters + rest[0].letters).map(\.job)) == Set(ids))
            #expect(rest[0].next == nil)
            #expect(try await fleet.operate("dead", "list", "--reason", "exhausted").code == 1)
            #expect(try await fleet.operate("dead", "list", "--error", "PHONE NUMBER", "--after", "1h").code == 0)
            #expect(try await fleet.operate("dead", "list", "--before", "1h").code == 1)

            let whole: Letters.Letter = try await fleet.answer("dead", "show", "sms", ids[0])
            #expect(whole.job == ids[0])
            #expect(whole.payload?.contains(#""to":"+15005550001""#) == true)
            let shown = try await fleet.operate("dead", "show", "sms", whole.letter)
            #expect(shown.code == 0 && shown.output.contains("payload     {"))
            let dead = try await fleet.operate("inspect", ids[0])
            #expect(dead.output.contains("\n  posthaste dead redrive sms \(whole.letter)\n"))
        }
    }

    @Test func nothingIsDoneToThemUnlessSomebodySaysYes() async throws {
        try await withDeadLetters(3) { fleet, ids in
            for words in [
                ["dead", "redrive", "sms", "--all"], ["dead", "drop", "sms", "--all"], ["dead", "drop", "sms", ids[0]],
            ] {
                let refused = try await fleet.operate(words)
                #expect(refused.code == 64, "\(refused)")
                #expect(refused.output == "posthaste: nobody can be asked here, and nothing was done: say --yes\n")
            }
            #expect(try await fleet.redis.command("XLEN", "message_queue:sms:dead").int == 3)

            let no = try await fleet.operate(inTerminal: "dead", "drop", "sms", "--all", typing: "echo n")
            #expect(no.code == 1, "\(no)")
            #expect(no.output.contains("Drop for ever 3 dead letters of message_queue:sms (3 permanent)? [y/N]"))
            #expect(no.output.contains("nothing was done"))
            let silence = try await fleet.operate(inTerminal: "dead", "drop", "sms", "--all", typing: "true")
            #expect(silence.code == 1)
            #expect(try await fleet.redis.command("XLEN", "message_queue:sms:dead").int == 3)

            let yes = try await fleet.operate(inTerminal: "dead", "drop", "sms", ids[0], typing: "echo y")
            #expect(yes.code == 0 && yes.output.contains("message_queue:sms: 1 of 1 dropped"), "\(yes)")
            #expect(try await fleet.redis.command("XLEN", "message_queue:sms:dead").int == 2)
            let dropped: JobExplanation = try await fleet.answer("inspect", ids[0])
            #expect(dropped.state == .dead && dropped.deadLetter == nil)
        }
    }

    @Test func theyAreRedrivenByIdByFilterAndAllTogether() async throws {
        try await withDeadLetters(4) { fleet, ids in
            let one: DeadLetters.Tally = try await fleet.answer("dead", "redrive", "sms", ids[2], "--yes")
            #expect((one.matched, one.done) == (1, 1))
            let waiting: JobExplanation = try await fleet.answer("inspect", ids[2])
            #expect((waiting.state, waiting.attempt) == (.waiting, 1))
            let none = try await fleet.operate("dead", "redrive", "sms", "--reason", "exhausted", "--yes")
            #expect(none.code == 1 && none.output == "message_queue:sms: no dead letter matches\n")
            let two = try await fleet.operate("dead", "redrive", "sms", "--error", "phone", "--rate", "100", "--yes")
            #expect(two.code == 0 && two.output == "message_queue:sms: 3 of 3 redriven\n")
            #expect(try await fleet.pending().first?.depth == 4)
            let gone = try await fleet.operate("dead", "drop", "sms", "--all", "--yes")
            #expect(gone.code == 1)
        }
    }

    // MARK: Cancelling

    @Test func whatWaitsIsTakenBack() async throws {
        let fleet = try await Fleet()
        let ids = try await fleet.sendTexts(2)
        let refused = try await fleet.operate("cancel", ids[0])
        #expect(refused.code == 64 && refused.output.contains("--yes"))
        #expect(try await fleet.message(ids[0]).status == "pending")
        let both = try await fleet.operate("cancel", ids[0], ids[1], "--yes")
        #expect(both.code == 0 && both.output == "\(ids[0]) is canceled\n\(ids[1]) is canceled\n")
        #expect(try await fleet.message(ids[0]).status == "canceled")
        let again = try await fleet.operate("cancel", ids[0], "--yes", "--json")
        #expect(again.code == 1 && again.output.contains(#""canceled" : false"#))
        try await fleet.expectEmptyQueues()
    }

    // MARK: Watching

    @Test func whatHappensIsFollowed() async throws {
        let fleet = try await Fleet()
        let text = try fleet.start("tail", environment: ["LOG_LEVEL": "error"])
        let json = try fleet.start(
            "tail", "--json", "--queue", "sms", "--type", "succeeded", environment: ["LOG_LEVEL": "error"])
        try await eventually("both watch") {
            let clients = try await fleet.redis.command("CLIENT", "LIST").string ?? ""
            return clients.split(separator: "\n").count {
                $0.contains("name=posthaste-tail ") && $0.contains("cmd=xread ")
            } == 2
        }
        _ = try await fleet.startWorker()
        let ids = try await fleet.sendTexts(1) + [fleet.sendHopeless()]
        try await eventually("all is told") {
            text.output.contains("succeeded  sms      \(ids[0])  attempt 1  took ")
                && text.output.contains(/\ \ dead       sms      \S+  attempt 1  took .*  permanent  .*phone number/)
        }
        #expect(text.output.contains("  accepted   sms      \(ids[0])\n"), "\(text.output)")
        try await eventually("so is what was asked for") { json.output.hasSuffix("\n") }
        let events = try json.output.split(separator: "\n").map {
            try JSONDecoder().decode(JobEvent.self, from: Data($0.utf8))
        }
        #expect(events.map(\.type) == ["succeeded"])
        #expect(events.first.map { "\($0.id)" } == ids[0])
        #expect(await text.terminate() == 0)
        json.signal(SIGINT)
        #expect(await json.wait() == 0)
    }

    @Test func topFillsTheTerminalAndGivesItBack() async throws {
        let fleet = try await Fleet()
        let worker = try await fleet.startWorker()
        try await eventually("the worker lives") { try await fleet.operate("workers").code == 0 }
        let top = try await fleet.operate(inTerminal: "top", typing: "while printf q; do sleep 0.1; done")
        #expect(top.code == 0, "\(top)")
        #expect(top.output.contains("\u{1B}[?1049h\u{1B}[?25l"))
        #expect(top.output.contains("\u{1B}[J\u{1B}[?25h\u{1B}[?1049l"), "after the last frame")
        #expect(top.output.contains(worker.consumer))
        #expect(top.output.contains("posthaste\u{1B}[0m  20"))
    }

    // MARK: Stopping

    @Test func aSecondSignalDoesNotWaitForWhatIsBeingSent() async throws {
        let fleet = try await Fleet(lease: .seconds(600))
        let hasty = try await fleet.startWorker(["DRAIN_SECONDS": "600"])
        let id = try await fleet.send([
            "from": "orders", "to": "http://127.0.0.1:\(fleet.simulatorPort)/webhooks/orders", "type": "webhook",
            "body": #"{"order":"[simulate:delay=14000,times=1]"}"#,
        ])
        try await fleet.until(id, is: "running")
        hasty.process.signal(SIGTERM)
        try await eventually("it drains") { hasty.process.output.contains("Stopping: no more jobs are taken") }
        #expect(hasty.process.isRunning)
        hasty.process.signal(SIGTERM)
        #expect(await hasty.process.wait() == 0)
        #expect(hasty.process.output.contains("Message handed back"))
        #expect(try await fleet.redis.command("EXISTS", "worker:\(hasty.consumer)").int == 0)

        let waiting: JobExplanation = try await fleet.answer("inspect", id)
        #expect((waiting.state, waiting.attempt, waiting.obstacles) == (.waiting, 1, [.noWorker]))
        _ = try await fleet.startWorker()
        try await fleet.allSent([id])
    }
}
