import NIOCore
import Testing

@testable import JobRuntime
@testable import Operations

@Suite struct DeadLetterReportTests {
    private let now = Moment(1_795_275_206_746)
    private let job = JobID("01a1febd-aedd-7000-ad35-0077751616ac")

    private func letter(_ change: (inout DeadLetter) -> Void = { _ in }) -> DeadLetter {
        var letter = DeadLetter(
            id: DeadLetter.ID(EntryID(milliseconds: 1_795_275_146_746, sequence: 3)), job: job, kind: "sms",
            attempt: 12, enqueuedAt: now.milliseconds - 3_600_000, payload: ByteBuffer(string: #"{"to":"+1"}"#),
            meta: JobMeta(lane: .low), reason: .exhausted, error: "no line", diedAt: now.milliseconds - 60_000)
        change(&letter)
        return letter
    }

    private func list(_ letters: [DeadLetter], next: DeadLetter.ID? = nil) -> DeadLetterList {
        DeadLetterList(DeadLetters.Page(letters: letters, next: next), of: "message_queue:sms")
    }

    @Test func aLinePerLetterAndHowToGoOn() {
        let stray = letter {
            $0.job = nil
            $0.kind = ""
            $0.reason = .undecodable
            $0.error = "no job\u{1B}[2J"
        }
        let lists = [list([letter(), stray], next: stray.id), list([])]
        #expect(
            DeadLetterList.text(lists, now: now) == """
                QUEUE           LETTER       DIED  REASON       KIND  ATTEMPT  JOB                                   ERROR
                sms    1795275146746-3  1 min ago  exhausted    sms        12  01a1febd-aedd-7000-ad35-0077751616ac  no line
                sms    1795275146746-3  1 min ago  undecodable             12  none                                  no job [2J
                There are more: posthaste dead list sms --from 1795275146746-3
                """)
    }

    @Test func ofWhatMayHaveBeenSentItIsSaidWhatHelps() {
        let text = DeadLetterList.text([list([letter()]), list([letter { $0.reason = .unknown }])], now: now)
        #expect(text.hasSuffix("\nWhat is unknown may have been sent. Where it was: posthaste resolve <job>"))
    }

    @Test func payloadsAreNobodysBusinessInAList() throws {
        let json = try JSONText.line(list([letter()]))
        #expect(
            json == #"{"letters":[{"attempt":12,"died_at":"2026-11-21T15:32:26.746Z","#
                + #""enqueued_at":"2026-11-21T14:33:26.746Z","error":"no line","#
                + #""job":"01a1febd-aedd-7000-ad35-0077751616ac","kind":"sms","letter":"1795275146746-3","#
                + #""queue":"message_queue:sms","reason":"exhausted","redrivable":true}],"queue":"message_queue:sms"}"#)
        #expect(try JSONText.line(list([], next: letter().id)).contains(#""next":"1795275146746-3""#))
    }

    @Test func aLetterIsShownWhole() throws {
        let report = DeadLetterReport(letter(), of: "message_queue:sms", isWhole: true)
        #expect(
            report.text(now: now) == """
                letter      1795275146746-3
                queue       message_queue:sms
                job         01a1febd-aedd-7000-ad35-0077751616ac
                kind        sms
                lane        low
                attempt     12
                reason      exhausted
                error       no line
                died        2026-11-21T15:32:26.746Z, 1 min ago
                enqueued    2026-11-21T14:33:26.746Z, 1 h ago
                redrivable  yes
                payload     {"to":"+1"}
                """)
        let json = try JSONText.line(report)
        #expect(json.contains(#""payload":"{\"to\":\"+1\"}""#) && json.contains(#""lane":"low""#))
    }

    @Test func oneOfWhichTooLittleIsLeftSaysSo() {
        let report = DeadLetterReport(
            letter {
                $0.job = nil
                $0.meta.expiresAt = now.milliseconds + 1000
            }, of: "work", isWhole: true)
        let text = report.text(now: now)
        #expect(text.contains("\njob         none: the entry was no job\n"))
        #expect(text.contains("\nredrivable  no: too little is left of it\n"))
        #expect(text.contains("\nexpires     2026-11-21T15:33:27.746Z, in 1.0 s\n"))
    }
}
