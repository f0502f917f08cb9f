import Foundation
import JobRuntime
import Redis
import TestSupport
import Testing

/// What an operator does about messages that may have been sent, and about addresses that nothing is sent to.
@Suite struct OperatorResolveTests {
    /// A Posthaste with text messages that are held as unknown, and no worker.
    private func withHeld(_ count: Int, _ body: (Fleet, [String]) async throws -> Void) async throws {
        let fleet = try await Fleet()
        let ids = try await fleet.sendTexts(count)
        let queue = JobQueue("message_queue:sms")
        try await withClient(fleet.redis.configuration) { redis in
            let store = JobStore.redis(redis).storage
            let reader = try await store.makeReader(of: queue, consumer: "test")
            let delivered = try await reader.read([LaneRead(.normal, count)])
            await reader.close()
            let batch = delivered.map {
                Settlement(
                    $0, deliveries: 1, elapsed: .zero,
                    verb: .dead(state: .unknown, reason: .unknown, error: "the answer was cut off"))
            }
            _ = try await store.settle(batch, of: queue, lane: .normal, consumer: "test")
            try await store.leave(queue, consumer: "test")
        }
        try await body(fleet, ids)
    }

    @Test func aHeldMessageIsResolvedByAPersonsWord() async throws {
        try await withHeld(2) { fleet, ids in
            let list = try await fleet.operate("dead", "list", "--reason", "unknown")
            #expect(list.code == 0 && list.output.contains("posthaste resolve <job>"), "\(list)")
            let held = try await fleet.operate("inspect", ids[0])
            #expect(held.output.contains("\n  posthaste resolve \(ids[0]) "), "\(held)")

            let refused = try await fleet.operate("resolve", ids[0])
            #expect(refused.code == 64 && refused.output.contains("say --yes"), "\(refused)")
            let no = try await fleet.operate(inTerminal: "resolve", ids[0], typing: "echo n")
            #expect(no.code == 1 && no.output.contains("Count \(ids[0]) as sent? [y/N]"), "\(no)")
            #expect(try await fleet.message(ids[0]).status == "unknown")

            let yes = try await fleet.operate(["resolve", ids[0], "--yes"], environment: ["USER": "ann"])
            #expect(yes.code == 0 && yes.output == "\(ids[0]) counts as sent\n", "\(yes)")
            #expect(try await fleet.message(ids[0]).status == "sent")
            let done: JobExplanation = try await fleet.answer("inspect", ids[0])
            #expect((done.state, done.report?.name) == (.succeeded, "sent"))
            #expect(done.result?.contains("resolved_by") == true)
            #expect(try await fleet.redis.command("XLEN", "message_queue:sms:dead").int == 1)

            let again = try await fleet.operate("resolve", ids[0], "--yes")
            #expect(again.code == 1)
            #expect(again.output == "\(ids[0]) is not held as unknown, and stays as it is: succeeded\n")
            let other = try await fleet.operate("resolve", ids[1], "--yes", "--json")
            #expect(other.code == 0 && other.output.contains(#""resolved" : true"#), "\(other)")
            try await fleet.expectEmptyQueues()
        }
    }

    @Test func whatIsNotHeldIsNotResolved() async throws {
        let fleet = try await Fleet()
        let id = try await fleet.sendTexts(1)[0]
        let waiting = try await fleet.operate("resolve", id, "--yes")
        #expect(waiting.code == 1)
        #expect(waiting.output == "\(id) is not held as unknown, and stays as it is: waiting\n")
        #expect(try await fleet.message(id).status == "pending")
        let stranger = "\(JobID())"
        let unknown = try await fleet.operate("resolve", stranger, "--yes", "--json")
        #expect(unknown.code == 1 && unknown.output.contains(#""state" : "not_found""#), "\(unknown)")
        let wrong = try await fleet.operate("resolve", "7", "--yes")
        #expect(wrong.code == 64 && wrong.output.contains("expected a UUID"))
        let away = ["REDIS_URL": "redis://127.0.0.1:\(try freePort())/0"]
        #expect(try await fleet.operate(["resolve", id, "--yes"], environment: away).code == 69)
    }

    // MARK: Suppressions

    @Test func aNumberIsPutOnTheListAndTakenOff() async throws {
        let fleet = try await Fleet()
        let number = "+15559876543"
        let phone = ["--kind", "phone", number]
        #expect(try await fleet.operate(["suppressions", "show"] + phone).code == 1)
        let added = try await fleet.operate(["suppressions", "add"] + phone)
        #expect(added.code == 0)
        #expect(added.output == "the phone \(number) is on the list: nothing is sent to it\n")
        let again = try await fleet.operate(["suppressions", "add"] + phone + ["--json"])
        #expect(again.code == 1 && again.output.contains(#""change" : "present""#), "\(again)")
        let shown = try await fleet.operate(["suppressions", "show"] + phone)
        #expect(shown.code == 0 && shown.output.hasPrefix("\(number): manual, since 20"), "\(shown)")

        _ = try await fleet.startWorker()
        let id = try await fleet.sendTexts(1)[0]
        try await fleet.until(id, is: "discarded")
        #expect(try await fleet.message(id).status == "suppressed")
        let discarded = try await fleet.operate("inspect", id)
        #expect(discarded.output.contains("; suppressed: the recipient is on the suppression list"), "\(discarded)")

        let refused = try await fleet.operate(["suppressions", "remove"] + phone)
        #expect(refused.code == 64 && refused.output.contains("say --yes"))
        let no = try await fleet.operate(
            inTerminal: "suppressions", "remove", "--kind", "phone", number, typing: "echo n")
        #expect(no.code == 1 && no.output.contains("Take \(number) off the list (manual, since "), "\(no)")
        let removed = try await fleet.operate(["suppressions", "remove", "--yes"] + phone)
        #expect(removed.code == 0 && removed.output == "the phone \(number) is off the list\n")
        #expect(try await fleet.operate(["suppressions", "remove", "--yes"] + phone).code == 1)
        try await fleet.allSent(try await fleet.sendTexts(1))
    }

    @Test func theListIsShownByKindAndUpToALimit() async throws {
        let fleet = try await Fleet()
        let none = try await fleet.operate("suppressions", "list")
        #expect(none.code == 1 && none.output == "No address is suppressed.\n")
        for number in 0..<300 {
            _ = try await fleet.redis.command(
                "HSET", "suppression:phone", "+1555\(1000 + number)", #"{"reason":"stop","at":1795275206746}"#)
        }
        _ = try await fleet.operate("suppressions", "add", "--kind", "email", "Ann@Example.com")
        let all = try await fleet.operate("suppressions", "list", "--json")
        let lines = all.output.split(separator: "\n")
        #expect(all.code == 0 && Set(lines).count == 301)
        #expect(
            lines.contains(#"{"address":"+15551007","at":"2026-11-21T15:33:26.746Z","kind":"phone","reason":"stop"}"#))
        let mail = try await fleet.operate("suppressions", "list", "--kind", "email")
        #expect(mail.output.hasPrefix("KIND     REASON        SINCE"), "\(mail)")
        #expect(mail.output.split(separator: "\n").count == 2 && mail.output.hasSuffix("  ann@example.com\n"))
        let few = try await fleet.operate("suppressions", "list", "--limit", "7", "--json")
        #expect(few.output.split(separator: "\n").count == 7)
        #expect(try await fleet.operate("suppressions", "list", "--kind", "webhook").code == 1)
    }

    @Test func anAddressThatIsNoneIsRefused() async throws {
        let fleet = try await Fleet()
        for (words, text) in [
            (
                ["add", "--kind", "phone", "5551234"],
                "5551234 is no phone: it must be a telephone number in E.164 form"
            ),
            (["add", "--kind", "email", "ann"], "ann is no email: it must be one bare email address"),
            (["show", "--kind", "webhook", "a.example"], "must be an absolute http or https URL"),
            (["remove", "--kind", "fax", "1", "--yes"], "fax"), (["add", "+15551234567"], "--kind"),
            (["list", "--limit", "0"], "--limit: expected a number above 0"),
        ] {
            let answer = try await fleet.operate(["suppressions"] + words)
            #expect(answer.code == 64 && answer.output.contains(text), "\(words): \(answer)")
        }
        let away = ["REDIS_URL": "redis://127.0.0.1:\(try freePort())/0"]
        for words in [
            ["list"], ["add", "--kind", "email", "a@b.example"], ["show", "--kind", "email", "a@b.example"],
        ] {
            let answer = try await fleet.operate(["suppressions"] + words, environment: away)
            #expect(answer.code == 69 && answer.output.hasPrefix("posthaste: Redis cannot be reached ("), "\(answer)")
        }
    }
}
