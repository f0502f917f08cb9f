import Testing

@testable import Operations

@Suite struct TextTests {
    @Test func colourIsPutOnAndTakenOff() {
        let palette = Palette(hasColours: true)
        #expect(palette.paint("x", .bold) == "\u{1B}[1mx\u{1B}[0m")
        #expect(palette.paint("x", .dim) == "\u{1B}[2mx\u{1B}[0m")
        #expect(palette.paint("x", .notice) == "\u{1B}[33mx\u{1B}[0m")
        #expect(palette.paint("x", .alarm) == "\u{1B}[31mx\u{1B}[0m")
        #expect(palette.paint("x", .plain) == "x")
        #expect(palette.paint("", .bold) == "")
        #expect(Palette.plain.paint("x", .alarm) == "x")
    }

    @Test(arguments: [
        ("plain", "plain"), ("größe 🙂 \u{2028}", "größe 🙂 \u{2028}"),
        ("\u{1B}[2J\u{1B}]0;title\u{7}", " [2J ]0;title "),
        ("two\r\nlines\tand a tab", "two  lines and a tab"), ("\u{9B}31m", " 31m"), ("\u{0}\u{7F}", "  "),
    ])
    func nothingPrintedMovesTheCursor(text: String, printed: String) {
        #expect(text.printable == printed)
    }

    @Test func aLineEndsWhereThereIsNoRoomAndColoursTakeNone() {
        var line = Line(Palette(hasColours: true), width: 5)
        line.add("abc", .bold)
        line.add("def", .alarm)
        line.add("ghi", .dim)
        #expect(line.text == "\u{1B}[1mabc\u{1B}[0m\u{1B}[31mde\u{1B}[0m")
        var endless = Line(.plain, width: nil)
        endless.add(String(repeating: "x", count: 1000))
        #expect(endless.text.count == 1000)
    }

    @Test func columnsAreAsWideAsTheirWidestCellAndNumbersStandToTheRight() {
        var table = TextTable(["NAME", "COUNT", "NOTE", "EMPTY"])
        table.add(["long name", .count(5), "", ""])
        table.add(["x", .count(12345678), "a note", ""])
        #expect(
            table.text() == """
                NAME          COUNT  NOTE    EMPTY
                long name         5
                x          12345678  a note
                """)
        #expect(table.lines(width: 11) == ["NAME       ", "long name  ", "x          "])
    }

    @Test func aTableOfNothingIsItsHeader() {
        #expect(TextTable(["A", "B"]).text() == "A  B")
    }

    @Test func answersAreWrittenForPeopleOrForLines() throws {
        #expect(try JSONText.document(["b": "x/y", "a": "z"]) == "{\n  \"a\" : \"z\",\n  \"b\" : \"x/y\"\n}")
        #expect(try JSONText.line(["b": "x/y", "a": "z\n"]) == #"{"a":"z\n","b":"x/y"}"#)
    }
}
