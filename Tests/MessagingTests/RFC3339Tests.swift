import Foundation
import Messaging
import Testing

@Suite struct RFC3339Tests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (4_107_542_399_042, "2100-02-28T23:59:59.042Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (1_767_225_599_007, "2025-12-31T23:59:59.007Z"),
        (RFC3339.range.lowerBound, "0000-01-01T00:00:00.000Z"),
        (RFC3339.range.upperBound, "9999-12-31T23:59:59.999Z"),
    ])
    func knownMoments(milliseconds: Int64, text: String) {
        #expect(RFC3339.string(unixMilliseconds: milliseconds) == text)
    }

    @Test(arguments: [Int64.min, Int64.max])
    func whatFourDigitsCannotTellIsShownAsTheNearest(milliseconds: Int64) {
        let expected = milliseconds < 0 ? "0000-01-01T00:00:00.000Z" : "9999-12-31T23:59:59.999Z"
        #expect(RFC3339.string(unixMilliseconds: milliseconds) == expected)
    }

    @Test func agreesWithFoundation() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var generator = SplitMix(state: 2)
        for _ in 0..<2000 {
            // From 1600 to 2400, in whole milliseconds.
            let milliseconds = Int64.random(in: -11_676_096_000_000...13_569_465_600_000, using: &generator)
            let parsed = try style.parse(RFC3339.string(unixMilliseconds: milliseconds))
            #expect((parsed.timeIntervalSince1970 * 1000).rounded() == Double(milliseconds))
        }
    }
}
