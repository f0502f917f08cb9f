import JobRuntime
import Messaging
import NIOCore
import Postgres
import TestSupport

@testable import Ledger

/// A ledger with events of the test's own making, and its reader.
struct ReadBench: Sendable {
    static let start: Int64 = 1_795_000_000_000

    let ledger: LedgerBench
    let reader: LedgerReader
    private let writer: LedgerWriter

    init() async throws {
        ledger = try await LedgerBench()
        reader = LedgerReader(postgres: ledger.postgres)
        writer = LedgerWriter(postgres: ledger.postgres)
    }

    func write(_ events: [LedgerEvent]) async throws { try await writer.write(LedgerBatch(events)) }

    /// An event of a text message, the `place`th of all.
    static func event(
        _ type: String, _ id: JobID, _ place: UInt64, queue: String = "message_queue:sms", payload: String? = nil,
        _ change: (inout JobEvent) -> Void = { _ in }
    ) -> LedgerEvent {
        var event = JobEvent(type, id, queue: queue, at: Moment(start + Int64(place)), attempt: 1)
        change(&event)
        return LedgerEvent(
            EventID(EntryID(milliseconds: UInt64(start), sequence: place)),
            .job(event, payload: payload.map(ByteBuffer.init(string:))))
    }

    static func accepted(
        _ id: JobID, _ place: UInt64 = 1, from: String = "+15550001", to: String = "+15550002",
        tenant: String? = nil
    ) -> LedgerEvent {
        let tenant = tenant.map { #","tenant":"\#($0)""# } ?? ""
        return event("accepted", id, place, payload: #"{"from":"\#(from)","to":"\#(to)","body":"Hi"\#(tenant)}"#)
    }

    /// All pages of a list, one after the other.
    static func all<Element: Sendable>(
        _ page: (MessageCursor?) async throws -> LedgerPage<Element>
    ) async throws -> [Element] {
        var all: [Element] = []
        var cursor: MessageCursor?
        repeat {
            let next = try await page(cursor)
            all += next.elements
            // As it comes back from a client.
            cursor = next.next.flatMap { MessageCursor($0.description) }
        } while cursor != nil
        return all
    }
}
