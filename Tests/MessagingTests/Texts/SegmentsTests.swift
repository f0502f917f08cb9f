import Testing

@testable import Messaging

@Suite struct SegmentsTests {
    /// Written as an escape and another septet.
    private static let extended = "\u{0C}^{}\\[~]|€"

    private func segments(_ text: String, _ encoding: Segments.Encoding, _ count: Int) -> Bool {
        Segments(text).encoding == encoding && Segments(text).count == count
    }

    @Test(arguments: [(0, 1), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4), (1600, 11)])
    func plainTexts(length: Int, count: Int) {
        #expect(segments(String(repeating: "a", count: length), .gsm7, count))
        // The same by the slower way.
        #expect(segments(String(repeating: "é", count: length), .gsm7, count))
    }

    @Test(arguments: [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
    func textsThatAreNotGSM(length: Int, count: Int) {
        #expect(segments(String(repeating: "я", count: length), .ucs2, count))
    }

    @Test func theAlphabetIsWhole() {
        // 128 places: the escape, 127 characters; and the ten of the extension table.
        let all = (0...0xFFFF).compactMap { Unicode.Scalar($0) }
        #expect(all.count { GSM7.septets(of: $0) == 1 } == 127)
        #expect(all.count { GSM7.septets(of: $0) == 2 } == 10)
    }

    @Test(arguments: extended) func anExtendedCharacterTakesTwoPlaces(character: Character) {
        #expect(segments(String(repeating: character, count: 80), .gsm7, 1))
        #expect(segments(String(repeating: character, count: 81), .gsm7, 2))
        #expect(segments(String(repeating: "a", count: 158) + String(character), .gsm7, 1))
        #expect(segments(String(repeating: "a", count: 159) + String(character), .gsm7, 2))
    }

    /// 152 and an escaped character: one place of the first segment stays empty, and the last septet needs a third.
    @Test func anEscapeIsNeverSplit() {
        let split = String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 152)
        #expect(segments(split, .gsm7, 3))
        let fits = String(repeating: "a", count: 151) + "€" + String(repeating: "a", count: 153)
        #expect(segments(fits, .gsm7, 2))
    }

    /// 66 and an emoji, likewise.
    @Test func aSurrogatePairIsNeverSplit() {
        let split = String(repeating: "я", count: 66) + "😀" + String(repeating: "я", count: 66)
        #expect(segments(split, .ucs2, 3))
        let fits = String(repeating: "я", count: 65) + "😀" + String(repeating: "я", count: 67)
        #expect(segments(fits, .ucs2, 2))
        #expect(segments(String(repeating: "😀", count: 35), .ucs2, 1))
        #expect(segments(String(repeating: "😀", count: 36), .ucs2, 2))
        // 33 pairs in each.
        #expect(segments(String(repeating: "😀", count: 66), .ucs2, 2))
        #expect(segments(String(repeating: "😀", count: 67), .ucs2, 3))
    }

    @Test(arguments: ["À la carte", "`", "\t", "ç", "\u{1B}", "’", "e\u{301}", "👩‍👩‍👧"])
    func oneCharacterMakesAllOfItUCS2(text: String) {
        #expect(Segments(text).encoding == .ucs2)
        #expect(segments(text + String(repeating: "a", count: 160), .ucs2, 3))
    }

    @Test func aLineBreakOfTwoCharactersIsTwo() {
        #expect(segments(String(repeating: "\r\n", count: 80), .gsm7, 1))
        #expect(segments(String(repeating: "\r\n", count: 81), .gsm7, 2))
    }

    /// Against a count that cuts the text up for real, over random texts.
    @Test func theCountIsThatOfCutting() {
        var random = SystemRandomNumberGenerator()
        let alphabets = [Array("ab€^é".unicodeScalars), Array("aя😀€".unicodeScalars)]
        for _ in 0..<500 {
            var text = String.UnicodeScalarView()
            let alphabet = alphabets[Int.random(in: 0...1, using: &random)]
            for _ in 0..<Int.random(in: 0...500, using: &random) {
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
            }
            #expect(Segments(String(text)).count == cut(text), "\(String(text))")
        }
    }

    private func cut(_ text: String.UnicodeScalarView) -> Int {
        let isGSM = text.allSatisfy { GSM7.septets(of: $0) > 0 }
        let sizes = text.map { isGSM ? GSM7.septets(of: $0) : UTF16.width($0) }
        if sizes.reduce(0, +) <= (isGSM ? 160 : 70) { return 1 }
        var parts: [[Int]] = [[]]
        for size in sizes {
            if parts[parts.count - 1].reduce(size, +) > (isGSM ? 153 : 67) { parts.append([]) }
            parts[parts.count - 1].append(size)
        }
        return parts.count
    }
}
