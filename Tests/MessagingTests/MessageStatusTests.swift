import Messaging
import Testing

@Suite struct MessageStatusTests {
    @Test func noTwoShareARank() {
        #expect(Set(MessageStatus.allCases.map(\.rank)).count == MessageStatus.allCases.count)
    }

    @Test func theWayOfAMessageGoesUp() {
        let way: [MessageStatus] = [.pending, .sending, .retrying, .sent, .undelivered, .delivered]
        #expect(way == way.sorted { $0.rank < $1.rank })
    }

    @Test func aStatusNeverMovesDown() {
        for status in MessageStatus.allCases {
            for news in MessageStatus.allCases {
                #expect(status.advanced(to: news).rank == max(status.rank, news.rank))
            }
        }
    }

    @Test func anOvertakenCallbackChangesNothing() {
        #expect(MessageStatus.delivered.advanced(to: .sent) == .delivered)
        #expect(MessageStatus.sent.advanced(to: .failed) == .sent)
        #expect(MessageStatus.failed.advanced(to: .delivered) == .delivered)
    }

    @Test func whatStillMovesByItselfIsNotSettled() {
        #expect(MessageStatus.allCases.filter { !$0.isSettled } == [.pending, .sending, .retrying])
    }
}
