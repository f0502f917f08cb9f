import JobRuntime
import Testing

@testable import Operations

@Suite struct EventLineTests {
    private func event(
        _ type: String, attempt: Int = 1, _ change: (inout JobEvent) -> Void = { _ in }
    ) throws -> JobEvent {
        let id = try #require(JobID("01a1febd-aedd-7000-ad35-0077751616ac"))
        var event = JobEvent(
            type, id, queue: "message_queue:sms", at: Moment(1_795_275_206_746), attempt: attempt)
        change(&event)
        return event
    }

    @Test func whatIsOrdinaryIsBrief() throws {
        #expect(
            EventLine(try event("accepted") { ($0.lane, $0.kind, $0.deliveries) = (.normal, "sms", 1) }).text()
                == "15:33:26.746Z  accepted   sms      01a1febd-aedd-7000-ad35-0077751616ac")
        #expect(
            EventLine(try event("succeeded") { $0.elapsed = 1250 }).text()
                == "15:33:26.746Z  succeeded  sms      01a1febd-aedd-7000-ad35-0077751616ac  attempt 1  took 1.2 s")
    }

    @Test func whatIsNotIsTold() throws {
        let retry = try event("retrying", attempt: 2) {
            $0.lane = .high
            $0.deliveries = 3
            $0.elapsed = 40
            $0.due = Moment(1_795_275_266_746)
            $0.error = "no line"
        }
        #expect(
            EventLine(retry).text().hasSuffix(
                "  attempt 2  lane high  delivery 3  took 40 ms  due in 1 min  no line"))
        let dead = try event("dead") { ($0.reason, $0.error) = ("exhausted", "no\u{1B}[31m line") }
        #expect(EventLine(dead).text().hasSuffix("  attempt 1  exhausted  no [31m line"))
        let late = try event("accepted") { $0.due = Moment(1) }
        #expect(EventLine(late).text().hasSuffix("ac  due in 0 ms"))
    }

    @Test func aReportTellsItsName() throws {
        let reported = try event("reported") { ($0.name, $0.rank, $0.result) = ("delivered\u{1B}", 100, "{}") }
        #expect(
            EventLine(reported).text()
                == "15:33:26.746Z  reported   sms      01a1febd-aedd-7000-ad35-0077751616ac  delivered ")
        #expect(try JSONText.line(reported).contains(#""rank":100,"result":"{}","type":"reported""#))
        let discarded = try event("discarded") { ($0.reason, $0.error) = ("suppressed", "STOP") }
        #expect(EventLine(discarded).text().hasSuffix("  attempt 1  suppressed  STOP"))
    }

    @Test func whatGoesWrongStandsOut() throws {
        let palette = Palette(hasColours: true)
        #expect(EventLine(try event("dead")).text(palette).contains("\u{1B}[31mdead     \u{1B}[0m"))
        #expect(EventLine(try event("retrying")).text(palette).contains("\u{1B}[33mretrying \u{1B}[0m"))
        #expect(EventLine(try event("succeeded")).text(palette).contains("\u{1B}[0msucceeded  sms"))
    }

    @Test func inJSONEverythingHasItsName() throws {
        let event = try event("retrying") { ($0.elapsed, $0.due) = (40, Moment(1_795_275_266_746)) }
        #expect(
            try JSONText.line(event)
                == #"{"at":"2026-11-21T15:33:26.746Z","attempt":1,"due":"2026-11-21T15:34:26.746Z","elapsed_ms":40,"#
                + #""id":"01a1febd-aedd-7000-ad35-0077751616ac","queue":"message_queue:sms","type":"retrying"}"#)
    }
}
