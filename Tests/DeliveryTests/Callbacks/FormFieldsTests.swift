import NIOCore
import Testing

@testable import Delivery

@Suite struct FormFieldsTests {
    private func pairs(_ text: String) throws -> [[String]] {
        try FormFields(text).all.map { [$0.name, $0.value] }
    }

    @Test func fieldsKeepTheirOrderAndRepeat() throws {
        let expected = [["b", "2"], ["a", "1"], ["b", "2"], ["b", ""], ["c", ""]]
        #expect(try pairs("b=2&a=1&b=2&b=&c") == expected)
        let form = try FormFields("a=&a=1")
        #expect(form["a"]?.isEmpty == true && form.filled("a") == nil && form["b"] == nil)
    }

    @Test func escapesAreRead() throws {
        #expect(try pairs("a+b=c%20d+%2B%3d%26%C3%a9%f0%9f%98%80") == [["a b", "c d +=&é😀"]])
        #expect(try pairs("a=b=c&&=x&") == [["a", "b=c"], ["", "x"]])
        #expect(try pairs("é=ü").isEmpty == false)
        #expect(try pairs("").isEmpty)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%G0", "a=%0G", "%=a", "a=%é1", "a=%C3", "a=%FF", "a=%ED%A0%80", "a=%c3%28"])
    func whatIsMalformedIsRefused(text: String) {
        #expect(throws: CallbackError.self) { try FormFields(text) }
    }

    @Test func theSizeIsBounded() throws {
        let fields = Array(repeating: "a=1", count: FormFields.mostFields)
        #expect(try FormFields(fields.joined(separator: "&")).all.count == FormFields.mostFields)
        #expect(throws: CallbackError("the form has more than 256 fields")) {
            try FormFields((fields + ["b=2"]).joined(separator: "&"))
        }
        let longest = "a=" + String(repeating: "x", count: FormFields.longestText - 2)
        #expect(try FormFields(longest)["a"]?.utf8.count == FormFields.longestText - 2)
        #expect(throws: CallbackError.self) { try FormFields(longest + "x") }
    }

    /// What this software writes it reads.
    @Test func readingIsTheReverseOfWriting() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let value = random.text(upTo: 40)
            var buffer = ByteBuffer()
            buffer.writeFormField("name", value)
            buffer.writeFormField("other", value)
            #expect(try Array(FormFields(String(buffer: buffer))["other"]?.utf8 ?? "".utf8) == Array(value.utf8))
        }
    }
}
