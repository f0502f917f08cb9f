import Foundation
import Logging
import TestSupport
import Testing

@testable import Operations

@Suite struct LineLogHandlerTests {
    /// 2026-02-28T23:59:59.042Z
    private static let moment: Int64 = 1_772_323_199_042

    private func lines(_ format: LogFormat, _ log: (inout Logger) -> Void) -> [String] {
        let lines = Locked<[String]>([])
        var logger = Logger(label: "posthaste.test") { label in
            LineLogHandler(label: label, format: format, clock: { Self.moment }) { line in
                lines.update { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        log(&logger)
        return lines.value
    }

    @Test func textIsForPeople() {
        let lines = lines(.text) { logger in
            logger[metadataKey: "consumer"] = "host-1-a"
            logger.info(
                "Successfully processed message: 7",
                metadata: ["attempt": .stringConvertible(1), "error": "no answer", "empty": ""])
        }
        #expect(
            lines == [
                "2026-02-28T23:59:59.042Z info Successfully processed message: 7 attempt=1 consumer=host-1-a empty=\"\" "
                    + "error=\"no answer\"\n"
            ])
    }

    @Test func jsonIsFlatAndHasNumbers() throws {
        let lines = lines(.json) { logger in
            logger.warning(
                "broken \"pipe\"",
                metadata: [
                    "attempt": .stringConvertible(2), "duration_ms": .stringConvertible(1.25),
                    "held": .stringConvertible(true),
                    "message": "mine", "where": ["queue": "sms", "deep": ["er": "x"]], "list": ["a", "b\u{7}"],
                    "a key": "v",
                ])
        }
        let line = try #require(lines.first)
        #expect(line.last == "\n" && line.dropLast().allSatisfy { $0 != "\n" })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["time"] as? String == "2026-02-28T23:59:59.042Z")
        #expect(object["level"] as? String == "warning")
        #expect(object["logger"] as? String == "posthaste.test")
        #expect(object["message"] as? String == "broken \"pipe\"")
        #expect(object["metadata.message"] as? String == "mine")
        #expect(object["attempt"] as? Int == 2 && object["duration_ms"] as? Double == 1.25)
        #expect(object["held"] as? Bool == true)
        #expect(object["where.queue"] as? String == "sms" && object["where.deep.er"] as? String == "x")
        #expect(object["list"] as? [String] == ["a", "b\u{7}"])
        #expect(object["a_key"] as? String == "v")
    }

    @Test(arguments: LogFormat.allCases)
    func nothingInAValueMakesALineOfItsOwn(format: LogFormat) throws {
        let hostile = "a\nb\r\u{B}\u{C}\u{1B}[2J\u{85}\u{9B}31m\u{2028}\u{2029}\u{7F}\"\\ level=critical"
        let lines = lines(format) { $0.info("\(hostile)", metadata: ["v": "\(hostile)", "k\n\u{1B}": "w"]) }
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        let controls = line.unicodeScalars.dropLast().filter {
            $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029
        }
        #expect(controls.isEmpty, "\(line)")
        if format == .json {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["v"] as? String == hostile && object["message"] as? String == hostile)
        } else {
            #expect(line.contains(#"v="a\nb\r"#) && line.hasSuffix("level=critical\"\n"))
        }
    }

    @Test(
        arguments: [
            ("to +15551234567 today", "to +***67 today"), ("%2B15551234567", "%2B***67"),
            ("+0000 and 5+5", "+0000 and 5+5"),
            ("<ada.b+c@example.com>", "<***@example.com>"), ("x=ada%40example.com", "***%40example.com"),
            ("redis://user:pw@host:6379/0", "redis://***@host:6379/***"),
            ("https://example.com/hooks/T0/secret?key=1 failed", "https://example.com/*** failed"),
            ("http://[::1]:80/a", "http://[::1]:80/***"), ("https://a:b/c@d.example/e", "https://a:b/***"),
            ("https://example.com/", "https://example.com/"), ("at @ noon", "at @ noon"), ("10:30:00", "10:30:00"),
            ("é+4915112345678é", "é+***78é"),
        ])
    func addressesAreMasked(text: String, masked: String) throws {
        let line = try #require(lines(.text) { $0.info("\(text)") }.first)
        #expect(line == "2026-02-28T23:59:59.042Z info \(masked)\n")
        let value = try #require(lines(.json) { $0.info("", metadata: ["v": "\(text)"]) }.first)
        #expect(value.hasSuffix("\"v\":\"\(masked)\"}\n"))
    }

    @Test func aLongValueIsCutBetweenCharacters() throws {
        let line = try #require(
            lines(.text) { $0.info("x", metadata: ["v": "a\(String(repeating: "é", count: 3000))"]) }.first)
        #expect(line.utf8.count < 2200 && line.hasSuffix("é…\n"))
    }

    @Test func eachThreadsLinesAreWhole() async {
        let lines = Locked<[String]>([])
        let logger = Logger(label: "t") { label in
            LineLogHandler(label: label, format: .text, clock: { Self.moment }) { line in
                lines.update { $0.append(String(decoding: line, as: UTF8.self)) }
            }
        }
        await withTaskGroup { group in
            for number in 0..<200 { group.addTask { logger.info("line \(number)", metadata: ["n": "\(number)"]) } }
        }
        #expect(
            Set(lines.value) == Set((0..<200).map { "2026-02-28T23:59:59.042Z info line \($0) n=\($0)\n" }))
    }
}
