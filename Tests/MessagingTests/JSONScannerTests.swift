import Foundation
import Messaging
import NIOCore
import Testing

@Suite struct JSONScannerTests {
    private func failure(of text: String) -> JSONSyntaxError? { failure(of: Array(text.utf8)) }

    private func failure(of bytes: [UInt8]) -> JSONSyntaxError? {
        var scanner = JSONScanner(ByteBuffer(bytes: bytes))
        do throws(JSONSyntaxError) {
            try scanner.skipValue()
            try scanner.finish()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "{}", "[]", "\"\"", "0", "-0", "-0.5e-7", "12E+3", "1e9", "true", "false", "null", " \t\r\n[ ] ",
        #"{"a":{"b":[1,"x",null,true,{}]},"":[]}"#, #""\"\\\/\b\f\n\r\tAé""#, #""\ud83d\uDC4D""#,
        "\"\u{7F}é\u{2028}👍\"", #"{"a":1,"a":2}"#,
    ])
    func wellFormed(text: String) {
        #expect(failure(of: text) == nil)
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{a:1}", "{1:1}", "{\"a\":1]", "[1}", "{} {}", "[]x", "01", "-", "+1", ".5",
        "1.",
        "1e", "1e+", "0x1", "--1", "NaN", "Infinity", "tru", "truex", "nul", "fals", "True", "'a'", "\"", "\"a",
        "\"\\\"", "\"\\", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\ud800x""#, #""\ud800A""#,
        #""\udc00""#, #""\ud800\ud800""#, "\"\n\"", "\"\u{0}\"", "\"\u{1F}\"", "\u{FEFF}{}", "/* */ 1", "[1] // x",
    ])
    func malformed(text: String) {
        #expect(failure(of: text) != nil)
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0xFF], [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(failure(of: bytes) != nil)
    }

    @Test func aFaultIsToldWithItsPlace() throws {
        let error = try #require(failure(of: "{\n  \"a\": 1,\n  \"b\": 2 \"c\": 3\n}"))
        #expect(error.line == 3)
        #expect(error.column == 10)
        #expect(error.offset == 21)
        #expect("\(error)" == "a comma or the end of the object or array was expected, at line 3, column 10")
    }

    @Test func anUnfinishedStringIsToldWhereItBegins() throws {
        let error = try #require(failure(of: #"{"a": "b"#))
        #expect(error.offset == 6)
    }

    @Test func depthIsLimited() throws {
        let limit = JSONScanner.maximumDepth
        let nested = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(failure(of: nested(limit)) == nil)
        #expect(try #require(failure(of: nested(limit + 1))).reason.contains("deeper"))
        #expect(try #require(failure(of: String(repeating: "[{\"a\":", count: 200_000))).reason.contains("deeper"))
        // Side by side is not deep.
        #expect(failure(of: "[" + Array(repeating: nested(limit - 1), count: 9).joined(separator: ",") + "]") == nil)
    }

    @Test func stringsComeOutAsTheyWereMeant() throws {
        let texts = [#""a\"\\\/\b\f\n\r\té\ud83d\uDC4D\u0000z""#, "\"\"", "\"é👍\"", #""\n""#, #""x\ny\nz""#]
        for text in texts {
            var scanner = JSONScanner(text)
            #expect(try scanner.peek() == .string)
            #expect(try scanner.string() == JSONDecoder().decode(String.self, from: Data(text.utf8)))
            try scanner.finish()
        }
    }

    /// Documents with a byte or two exchanged, put in or left out: never a crash, and the verdict of Foundation's parser,
    /// but for the comma before a closing bracket, which that one lets pass and RFC 8259 does not.
    @Test func agreesWithFoundationOnDamagedDocuments() {
        let documents = [
            #"{"from":"+1","to":"+2","type":"sms","body":"a\nbAé","metadata":{"k":"v"}}"#,
            #"[{"a":[1,2.5e-3,-0,{"b":null}]},true,false,"\ud83d\ude00 \" \\ /",{}]"#,
        ].map { Array($0.utf8) }
        let alphabet = Array(#"{}[]:,"\/ abeflnrstu0123456789.+-E"#.utf8) + [0x09, 0x0A, 0x1F, 0xC3, 0xA9, 0xFF]
        var generator = SplitMix(state: 3)
        var counts = (accepted: 0, refused: 0)
        for round in 0..<20_000 {
            var bytes = documents[round % documents.count]
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[position] = byte
                case 1: bytes.insert(byte, at: position)
                case 2: bytes.remove(at: position)
                default: bytes.removeSubrange(position...)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            let isAccepted = failure(of: bytes) == nil
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            let text = String(decoding: bytes, as: UTF8.self)
            let hasLooseComma = text.contains(/,\s*[}\]]/)
            #expect(isAccepted == isJSON || (hasLooseComma && !isAccepted), "\(text)")
            if isAccepted { counts.accepted += 1 } else { counts.refused += 1 }
        }
        #expect(counts.accepted > 1000)
        #expect(counts.refused > 1000)
    }
}
