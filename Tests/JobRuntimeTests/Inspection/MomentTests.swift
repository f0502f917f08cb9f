import Foundation
import Testing

@testable import JobRuntime

@Suite struct MomentTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (1_772_323_199_042, "2026-02-28T23:59:59.042Z"), (1_709_164_800_999, "2024-02-29T00:00:00.999Z"),
    ])
    func itIsWrittenToTheMillisecond(milliseconds: Int64, text: String) {
        #expect("\(Moment(milliseconds))" == text)
        #expect(Moment(text) == Moment(milliseconds))
    }

    @Test func noMillisecondIsLostOnTheWayToTextAndBack() {
        for offset in Int64(0)..<1000 {
            let moment = Moment(1_795_275_206_000 + offset)
            #expect(Moment("\(moment)") == moment)
        }
    }

    @Test(arguments: [
        ("2026-02-28T23:59:59Z", 1_772_323_199_000), ("2026-03-01T01:29:59+01:30", 1_772_323_199_000),
        ("2026-02-28T23:59:59.5Z", 1_772_323_199_500),
    ])
    func otherWaysOfWritingItAreRead(text: String, milliseconds: Int64) {
        #expect(Moment(text) == Moment(milliseconds))
    }

    @Test(arguments: ["", "now", "2026-02-28", "2026-13-01T00:00:00Z", "1772323199042", "23:59:59Z"])
    func whatIsNoMomentIsRefused(text: String) {
        #expect(Moment(text) == nil)
    }

    @Test func inJSONItIsText() throws {
        let moments = [Moment(1_772_323_199_042)]
        let json = String(decoding: try JSONEncoder().encode(moments), as: UTF8.self)
        #expect(json == #"["2026-02-28T23:59:59.042Z"]"#)
        #expect(try JSONDecoder().decode([Moment].self, from: Data(json.utf8)) == moments)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Moment].self, from: Data(#"["soon"]"#.utf8)) }
    }

    @Test func itSaysHowFarAwayItIs() {
        let moment = Moment(1_772_323_199_042)
        let text = "2026-02-28T23:59:59.042Z"
        #expect(moment.described(at: moment) == "\(text), 0 ms ago")
        #expect(moment.described(at: Moment(moment.milliseconds + 300_000)) == "\(text), 5 min ago")
        #expect(moment.described(at: Moment(moment.milliseconds - 3200)) == "\(text), in 3.2 s")
    }
}
