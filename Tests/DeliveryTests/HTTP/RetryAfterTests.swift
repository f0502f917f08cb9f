import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import Delivery

@Suite struct RetryAfterTests {
    /// The moment of RFC 9110's examples.
    private let moment: Int64 = 784_111_777

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ])
    func theThreeDatesOfRFC9110(text: String) {
        #expect(HTTPDate.parse(text, now: moment) == moment)
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
        ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200), ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Tue, 01 Mar 2000 00:00:00 GMT", 951_868_800), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
    ])
    func datesAroundLeapDays(text: String, seconds: Int64) {
        #expect(HTTPDate.parse(text, now: 0) == seconds)
    }

    @Test func aYearOfTwoDigitsIsTheNearOne() {
        let now: Int64 = 1_700_000_000  // 2023
        #expect(HTTPDate.parse("Sunday, 06-Nov-94 08:49:37 GMT", now: now) == moment)
        #expect(HTTPDate.parse("Friday, 01-Mar-24 00:00:00 GMT", now: now) == 1_709_251_200)
    }

    @Test(arguments: [
        "", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
    ])
    func whatIsNoDateIsRefused(text: String) {
        #expect(HTTPDate.parse(text, now: moment) == nil)
    }

    @Test(arguments: [
        ("0", Duration.seconds(0)), ("120", .seconds(120)), ("86401", .seconds(86_400)),
        ("99999999999999999999999", .seconds(86_400)), ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)),
        ("Sun, 06 Nov 1994 08:48:37 GMT", .zero), ("Sun, 06 Nov 2094 08:48:37 GMT", .seconds(86_400)),
    ])
    func retryAfterIsSecondsOrADateWithinADay(value: String, wait: Duration) {
        #expect(RetryAfter.parse(value, now: moment) == wait)
    }

    @Test(arguments: ["-5", "1.5", "", "later"])
    func whatIsNeitherIsIgnored(value: String) {
        #expect(RetryAfter.parse(value, now: moment) == nil)
    }

    @Test func sendGridsResetCountsWhereThereIsNoRetryAfter() {
        #expect(RetryAfter.wait(["X-RateLimit-Reset": "\(moment + 7)"], now: moment) == .seconds(7))
        #expect(RetryAfter.wait(["X-RateLimit-Reset": "\(moment - 7)"], now: moment) == .zero)
        #expect(RetryAfter.wait(["X-RateLimit-Reset": "\(Int64.min)"], now: moment) == .seconds(86_400))
        #expect(
            RetryAfter.wait(["Retry-After": "3", "X-RateLimit-Reset": "\(moment + 7)"], now: moment) == .seconds(3))
        #expect(
            RetryAfter.wait(["Retry-After": "?", "X-RateLimit-Reset": "\(moment + 7)"], now: moment) == .seconds(7))
        #expect(RetryAfter.wait([:], now: moment) == nil)
    }

    /// Every second from the year 1 to the end of 9999 in all three formats, against Foundation's calendar.
    @Test(arguments: 0..<20) func aDateIsReadAsFoundationWritesIt(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        var formatters: [DateFormatter] = []
        for format in ["EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEE MMM d HH:mm:ss yyyy", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'"] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 0)
            formatter.calendar = Calendar(identifier: .iso8601)
            formatter.dateFormat = format
            formatters.append(formatter)
        }
        for _ in 0..<200 {
            // Before 1582 Foundation may count by another calendar.
            let seconds = Int64.random(in: -12_000_000_000...253_402_300_799, using: &random)
            let date = Date(timeIntervalSince1970: TimeInterval(seconds))
            for formatter in formatters.prefix(2) {
                let text = formatter.string(from: date)
                #expect(HTTPDate.parse(text, now: moment) == seconds, "\(text)")
            }
            // A year of two digits is one of the next 50 or the last.
            let near = Int64.random(in: moment - 1_500_000_000...moment + 1_500_000_000, using: &random)
            let text = formatters[2].string(from: Date(timeIntervalSince1970: TimeInterval(near)))
            #expect(HTTPDate.parse(text, now: moment) == near, "\(text)")
        }
    }

    /// Texts that look like a date, or almost: nothing traps, and no wait is below zero or above a day.
    @Test(arguments: 0..<20) func anythingMayStandInAHeader(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        let parts = [
            "Sun", ",", " ", "06", "31", "99", "Nov", "Feb", "1994", "94", "0000", "9999", "08:49:37", "24:00:00", "::",
            "23:59:60", "GMT", "-", "+", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "\u{0}",
            "é", "\u{7F}", "1e9", "0x10", "٣",
        ]
        for _ in 0..<2000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in parts.randomElement(using: &random) ?? "" }
                .joined(separator: Bool.random(using: &random) ? " " : "")
            let now = Int64.random(in: -1...9_000_000_000, using: &random)
            if let wait = RetryAfter.parse(text, now: now) {
                #expect((.zero...RetryAfter.longest).contains(wait), "\(text)")
            }
            let reset = RetryAfter.wait(["X-RateLimit-Reset": text, "Retry-After": text + "?"], now: now)
            if let reset { #expect((.zero...RetryAfter.longest).contains(reset), "\(text)") }
        }
    }
}
