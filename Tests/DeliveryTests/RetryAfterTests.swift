import NIOHTTP1
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
}
