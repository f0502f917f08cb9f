import Testing

@testable import Delivery

/// The table in code against the table in the papers, row by row.
@Suite struct TwilioCodeTests {
    private static let rows: [(VendorCode.Meaning, [Int])] = [
        (.recipient, [21211, 21614, 21612, 30004, 30005, 30006]),
        (.optedOut, [21610]),
        (.content, [21617, 21619, 21623, 30007, 30019, 30011]),
        (.configuration, [20003, 20404, 21212, 21408, 21606, 21910, 30002, 30032, 30034, 30037, 30450]),
        (.throttled, [20429, 21611, 30001, 30022, 30027]),
        (.ambiguous, [20500]),
        (.soft, [30003, 30008, 30500]),
        (.expired, [30036]),
    ]

    private static let expected = rows.flatMap { meaning, codes in codes.map { (meaning, $0) } }

    @Test(arguments: expected)
    func aCodeMeans(meaning: VendorCode.Meaning, code: Int) {
        #expect(TwilioCode.known[code]?.meaning == meaning)
    }

    @Test func theTableHasNoOtherRows() {
        #expect(TwilioCode.table.map(\.code).sorted() == Self.expected.map(\.1).sorted())
    }

    @Test func everyRowSaysWhatToDo() {
        for row in TwilioCode.table {
            #expect(!row.what.isEmpty && !row.what.hasSuffix("."))
            #expect(row.remedy.hasSuffix("."))
        }
    }
}
