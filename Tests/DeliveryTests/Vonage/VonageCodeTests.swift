import Testing

@testable import Delivery

/// The tables in code against Vonage's papers, row by row.
@Suite struct VonageCodeTests {
    private static let rows: [(VendorCode.Meaning, [Int])] = [
        (.recipient, [6, 7, 33, 34]),
        (.optedOut, [101]),
        (.content, [2, 3, 12, 16, 20, 22]),
        (.configuration, [4, 8, 9, 11, 14, 15, 19, 23, 29, 32]),
        (.throttled, [1, 10]),
        (.ambiguous, [5]),
        (.soft, [13]),
    ]

    private static let expected = rows.flatMap { meaning, codes in codes.map { (meaning, $0) } }

    @Test(arguments: expected)
    func aCodeMeans(meaning: VendorCode.Meaning, code: Int) {
        #expect(VonageCode.known[code]?.meaning == meaning)
    }

    @Test func theTableHasNoOtherRows() {
        #expect(VonageCode.table.map(\.code).sorted() == Self.expected.map(\.1).sorted())
    }

    @Test func everyRowSaysWhatToDo() {
        for row in VonageCode.table {
            #expect(!row.what.isEmpty && !row.what.hasSuffix("."))
            #expect(row.remedy.hasSuffix("."))
        }
    }

    @Test func theCodesOfReceipts() {
        #expect(VonageReceiptCode.table.map(\.code) == Array(1...16) + Array(50...54) + [99])
        #expect(VonageReceiptCode.table.filter { $0.suppresses != nil }.map(\.code) == [3, 4, 9])
        #expect(VonageReceiptCode.table.allSatisfy { !$0.what.isEmpty && !$0.what.hasSuffix(".") })
    }
}
