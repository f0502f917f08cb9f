import Foundation
import Messaging
import TestSupport
import Testing

@testable import Ingress

@Suite struct RFC3339ParsingTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1985-04-12T23:20:50.52Z", 482_196_050_520),
        ("1996-12-19T16:39:57-08:00", 851_042_397_000), ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
        ("2026-02-28t23:59:59.9999z", 1_772_323_199_999), ("2024-02-29T00:00:00-00:00", 1_709_164_800_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("0000-01-01T00:00:00+23:59", -62_167_305_540_000),
        ("9999-12-31T23:59:59.999-23:59", 253_402_387_139_999), ("2000-03-01T00:00:00.1Z", 951_868_800_100),
    ])
    func aMoment(text: String, milliseconds: Int64) {
        #expect(RFC3339.unixMilliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-1-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Zx", " 2026-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z", "２026-01-01T00:00:00Z", "2026-01-01T00:00:00Z\u{0}", "20260101T000000Z",
        "99999-01-01T00:00:00Z", "2026-01-01T00:00Z", "-001-01-01T00:00:00Z",
    ])
    func noMoment(text: String) {
        #expect(RFC3339.unixMilliseconds(text) == nil)
    }

    /// What is written is read again, over all years; and it is what Foundation reads.
    @Test func whatIsWrittenIsRead() throws {
        var generator = SeededGenerator(state: 11)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<5000 {
            let moment = Int64.random(in: RFC3339.range, using: &generator)
            let text = RFC3339.string(unixMilliseconds: moment)
            #expect(RFC3339.unixMilliseconds(text) == moment)
            // Before 1582 Foundation has another calendar.
            guard moment > -12_000_000_000_000 else { continue }
            let date = try style.parse(text)
            #expect(abs(date.timeIntervalSince1970 - Double(moment) / 1000) < 0.002)
        }
    }

    @Test func damagedTextsAreReadOrRefused() {
        var generator = SeededGenerator(state: 12)
        let alphabet = Array("0123456789-:TtZz+. ".utf8) + [0, 0xFF]
        for _ in 0..<20_000 {
            var bytes = Array("2026-02-28T23:59:59.042+01:30".utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[position] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                case 1: bytes.remove(at: position)
                default: bytes.removeSubrange(position...)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            guard let moment = RFC3339.unixMilliseconds(String(decoding: bytes, as: UTF8.self)) else { continue }
            #expect((-62_200_000_000_000...253_500_000_000_000).contains(moment))
        }
    }
}
