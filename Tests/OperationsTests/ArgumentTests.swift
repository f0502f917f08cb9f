import JobRuntime
import Testing

@testable import Operations

/// What is typed.
@Suite struct ArgumentTests {
    private let now = Moment(1_795_275_206_746)

    @Test(arguments: [("0s", 0), ("90s", 90_000), ("15m", 900_000), ("2h", 7_200_000), ("7d", 604_800_000)])
    func aMomentIsSoLongAgo(argument: String, ago: Int64) {
        #expect(Moment(argument: argument, now: now) == Moment(now.milliseconds - ago))
    }

    @Test func orItIsWrittenOut() {
        #expect(Moment(argument: "2026-02-28T23:59:59Z", now: now) == Moment(1_772_323_199_000))
    }

    @Test(arguments: ["", "s", "90", "-5m", "1w", "1.5h", "5 m", "yesterday", "1000001d", "99999999999999999999s"])
    func anythingElseIsRefused(argument: String) {
        #expect(Moment(argument: argument, now: now) == nil)
    }

    @Test func aQueueIsFoundByItsWholeNameOrItsShortOne() {
        let known = ["message_queue:sms", "message_queue:mms", "sms:other", "thumbnails"]
        #expect(QueueName.resolve("sms", among: known) == "message_queue:sms")
        #expect(QueueName.resolve("message_queue:sms", among: known) == "message_queue:sms")
        #expect(QueueName.resolve("thumbnails", among: known) == "thumbnails")
        #expect(QueueName.resolve("sms", among: known + ["sms"]) == "sms", "what it is called goes first")
        for name in ["", "SMS", "message_queue:", "email", "message_queue:thumbnails"] {
            #expect(QueueName.resolve(name, among: known) == nil, "\(name)")
        }
    }

    @Test func aNameIsShownAsShortAsItCanBeTyped() {
        #expect(QueueName.short("message_queue:sms") == "sms")
        #expect(QueueName.short("thumbnails") == "thumbnails")
        #expect(QueueName.short("other:message_queue:sms") == "other:message_queue:sms")
    }
}
