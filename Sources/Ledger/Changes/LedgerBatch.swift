import JobRuntime
import Messaging
import NIOCore

/// What a number of events change in the ledger, as a value: the same for the same set of events, in whatever order and
/// however often they come.
///
/// Everything in it stands in the order of its key. All who write to the ledger write in this order, and so never wait
/// for each other in a circle.
struct LedgerBatch: Equatable, Sendable {
    private(set) var attempts: [AttemptRow] = []
    private(set) var statusEvents: [StatusEventRow] = []
    private(set) var messages: [MessageChange] = []
    private(set) var conversations: [ConversationChange] = []
    private(set) var suppressions: [SuppressionChange] = []
    private(set) var rejected: [RejectedEvent] = []

    var isEmpty: Bool { messages.isEmpty && suppressions.isEmpty && rejected.isEmpty }

    init(_ events: some Sequence<LedgerEvent>) {
        var fold = Fold()
        for event in events {
            do throws(EventFault) {
                try fold.take(event)
            } catch {
                rejected.append(RejectedEvent(event, because: "\(error)"))
            }
        }
        messages = fold.messages.sorted { $0.id.precedes($1.id) }
        for index in messages.indices { messages[index].settle() }
        attempts = fold.attempts.sortedOnce { ($0.message, $0.place) }
        statusEvents = fold.statusEvents.sortedOnce { ($0.message, $0.place) }
        conversations = ConversationChange.all(of: messages)
        suppressions = fold.suppressions.values.sorted { ($0.kind, $0.address) < ($1.kind, $1.address) }
        rejected.sort { $0.place < $1.place }
    }
}

extension LedgerBatch {
    /// Only that an event is set aside.
    init(rejecting event: LedgerEvent, because reason: String, sqlState: String?) {
        rejected = [RejectedEvent(event, because: reason, sqlState: sqlState)]
    }
}

extension JobID {
    /// As Postgres orders them.
    func precedes(_ other: JobID) -> Bool { (high, low) < (other.high, other.low) }
}

extension Array {
    /// In the order of their keys, and one of each.
    fileprivate func sortedOnce(_ key: (Element) -> (JobID, Int64)) -> [Element] {
        let sorted = sorted { first, second in
            let (a, b) = (key(first), key(second))
            return a.0 == b.0 ? a.1 < b.1 : a.0.precedes(b.0)
        }
        return sorted.indices.compactMap { index in
            index > 0 && key(sorted[index]) == key(sorted[index - 1]) ? nil : sorted[index]
        }
    }
}

/// The events so far.
private struct Fold {
    var messages: [MessageChange] = []
    var attempts: [AttemptRow] = []
    var statusEvents: [StatusEventRow] = []
    var suppressions: [String: SuppressionChange] = [:]
    private var indices: [JobID: Int] = [:]

    private static let channels = Dictionary(uniqueKeysWithValues: Channel.allCases.map { ($0.queueName, $0) })
    /// The queue of what providers call back with: its jobs tell of messages to us.
    private static let callbacks = "webhook_queue"

    mutating func take(_ event: LedgerEvent) throws(EventFault) {
        switch event.content {
        case .job(let job, let payload): try take(job, payload, at: event.id.position)
        case .other(let type, let fields):
            let change = try SuppressionChange(type: type, fields, at: event.id.position)
            let key = "\(change.kind):\(change.address)"
            if suppressions[key].map({ $0.place < change.place }) ?? true { suppressions[key] = change }
        case .unreadable(_, let why): throw EventFault(why)
        }
    }

    private mutating func take(_ event: JobEvent, _ payload: ByteBuffer?, at place: Int64) throws(EventFault) {
        let channel = Self.channels[event.queue]
        if channel == nil, event.queue == Self.callbacks {
            for message in try InboundRow.all(in: event) { change(message.id) { message.add(to: &$0) } }
            return
        }
        // A job of somebody else's queue is no message.
        guard channel != nil || event.queue.isEmpty else { return }
        try event.checkTime()
        let acceptance = try Acceptance(event, payload)
        let row = try Row(event, at: place)
        change(event.id) { change in
            change.channel = change.channel ?? channel
            change.updatedAt = max(change.updatedAt, event.at.milliseconds)
            if let acceptance { change.learn(acceptance) }
            row.add(to: &change)
        }
        switch row {
        case .accepted: break
        case .attempt(let row): attempts.append(row)
        case .status(let row): statusEvents.append(row)
        }
    }

    private mutating func change(_ id: JobID, _ body: (inout MessageChange) -> Void) {
        let index =
            indices[id]
            ?? {
                indices[id] = messages.count
                messages.append(MessageChange(id: id))
                return messages.count - 1
            }()
        body(&messages[index])
    }
}

extension JobEvent {
    /// An id begins with its time, and each week has tables of its own: what somebody made up must not make thousands.
    fileprivate func checkTime() throws(EventFault) {
        let (earliest, leeway) = (Int64(1_577_836_800_000), Int64(60 * 86_400_000))
        guard id.milliseconds >= earliest else { throw EventFault("its id is of a time before 2020") }
        guard id.milliseconds <= at.milliseconds + leeway else {
            throw EventFault("its id is of a time more than 60 days after the event")
        }
    }
}

extension Acceptance {
    /// nil where the event accepts nothing. Of a message that was restored the ledger knew before what it is.
    fileprivate init?(_ event: JobEvent, _ payload: ByteBuffer?) throws(EventFault) {
        guard event.type == "accepted" else { return nil }
        guard let payload else { throw EventFault("an acceptance without a payload") }
        try self.init(
            payload: payload, at: event.at.milliseconds, priority: event.lane,
            scheduledAt: event.due?.milliseconds)
    }
}
