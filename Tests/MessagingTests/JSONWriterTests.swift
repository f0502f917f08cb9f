import Foundation
import Messaging
import NIOCore
import Testing

@Suite struct JSONWriterTests {
    static let awkward = [
        "", "plain", "\"quoted\"", "back\\slash", "slash/", "tab\tline\nreturn\rfeed\u{0C}bell\u{08}",
        String(String.UnicodeScalarView((0...0x20).compactMap(Unicode.Scalar.init))), "\u{7F}",
        "emoji 👩‍👩‍👧‍👦🏴", "separators \u{2028}\u{2029}", "é e\u{301} 漢字 \u{10FFFF} \u{FEFF}", "</script>",
    ]

    @Test(arguments: awkward) func aStringComesBackAsItWas(text: String) throws {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(text)
        writer.endArray()
        let decoded = try JSONDecoder().decode([String].self, from: Data(writer.buffer.readableBytesView))
        #expect(decoded.map { Array($0.unicodeScalars) } == [Array(text.unicodeScalars)])
    }

    @Test(arguments: awkward) func aNameComesBackAsItWas(name: String) throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key(text: name)
        writer.string(name)
        writer.endObject()
        #expect(
            try JSONDecoder().decode([String: String].self, from: Data(writer.buffer.readableBytesView)) == [name: name]
        )
    }

    @Test func anyStringComesBackAsItWas() throws {
        var generator = SplitMix(state: 1)
        for _ in 0..<500 {
            let text = String.random(length: Int.random(in: 0..<40, using: &generator), using: &generator)
            var writer = JSONWriter()
            writer.beginArray()
            writer.string(text)
            writer.endArray()
            #expect(try JSONDecoder().decode([String].self, from: Data(writer.buffer.readableBytesView)) == [text])
        }
    }

    @Test func onlyWhatMustBeIsEscaped() {
        var writer = JSONWriter()
        writer.string("a/\u{2028}\u{1}\u{1F}\n\"\\é")
        #expect(String(buffer: writer.buffer) == #""a/\#u{2028}\u0001\u001f\n\"\\é""#)
    }

    /// Twenty names: in the order of a dictionary they come out sorted once in 20! runs.
    @Test func membersOfADictionaryAreSorted() {
        let names = (0..<20).map { "k\($0 + 10)" }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("m", Dictionary(uniqueKeysWithValues: names.map { ($0, "") }))
        writer.endObject()
        let members = names.map { "\"\($0)\":\"\"" }.joined(separator: ",")
        #expect(String(buffer: writer.buffer) == "{\"m\":{\(members)}}")
    }

    @Test func structureGetsItsCommas() {
        var writer = JSONWriter(capacity: 0)
        writer.beginObject()
        writer.member("a", "x")
        writer.member("b", -7)
        writer.member("c", ["p", "q"])
        writer.member("d", ["z": "1", "a": "2"])
        writer.member("e", time: 0)
        writer.key("f")
        writer.null()
        writer.key("g")
        writer.json(#"{"k":[1]}"#)
        writer.key("h")
        writer.beginArray()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.bool(true)
        writer.bool(false)
        writer.integer(UInt64.max)
        writer.endArray()
        writer.endObject()
        let expected = #"""
            {"a":"x","b":-7,"c":["p","q"],"d":{"a":"2","z":"1"},"e":"1970-01-01T00:00:00.000Z","f":null,\#
            "g":{"k":[1]},"h":[{},[],true,false,18446744073709551615]}
            """#
        #expect(String(buffer: writer.buffer) == expected)
    }
}

extension String {
    /// Characters of all lengths in UTF-8, with many that need an escape.
    static func random(length: Int, using generator: inout SplitMix) -> String {
        var scalars = String.UnicodeScalarView()
        while scalars.count < length {
            let range: ClosedRange<UInt32> = [0...0x1F, 0x20...0x7E, 0x7F...0xFFFF, 0x10000...0x10FFFF][
                Int.random(in: 0..<4, using: &generator)]
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}

/// Numbers that are the same in every run (SplitMix64), so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
