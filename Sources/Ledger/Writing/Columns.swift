import JobRuntime
import Messaging
import Postgres

extension PostgresUUID {
    init(_ id: JobID) { self.init(high: id.high, low: id.low) }

    init(_ id: ConversationID) { self.init(high: id.high, low: id.low) }
}

extension PostgresColumn {
    mutating func append(_ id: JobID) { append(uuid: PostgresUUID(id)) }

    mutating func append(ifAny text: String?) {
        if let text { append(text: text) } else { appendNull() }
    }

    mutating func append(json: [UInt8]?) {
        if let json { json.withUnsafeBytes { append(utf8: $0) } } else { appendNull() }
    }

    mutating func append(momentIfAny milliseconds: Int64?) {
        if let milliseconds { append(unixMilliseconds: milliseconds) } else { appendNull() }
    }

    mutating func append(ifAny number: Int64?) {
        if let number { append(int: number) } else { appendNull() }
    }
}

extension Array {
    /// One column of a parameter each: its type, and what an element has there.
    fileprivate func column(
        _ type: PostgresType, _ append: (inout PostgresColumn, Element) -> Void
    ) -> PostgresValue {
        var column = PostgresColumn(type, capacity: count)
        for element in self { append(&column, element) }
        return column.value
    }
}

extension [AttemptRow] {
    var columns: [PostgresValue] {
        [
            column(.uuid) { $0.append($1.message) },
            column(.int8) { $0.append(int: $1.place) },
            column(.int4) { $0.append(int: Int64($1.attempt)) },
            column(.int4) { $0.append(int: Int64($1.deliveries)) },
            column(.text) { $0.append(text: $1.outcome.rawValue) },
            column(.text) { $0.append(text: $1.status.rawValue) },
            column(.text) { $0.append(ifAny: $1.worker) },
            column(.timestamptz) { $0.append(unixMilliseconds: $1.endedAt) },
            column(.int8) { $0.append(ifAny: $1.elapsed) },
            column(.timestamptz) { $0.append(momentIfAny: $1.nextAttemptAt) },
            column(.text) { $0.append(ifAny: $1.reason) },
            column(.text) { $0.append(ifAny: $1.error) },
            column(.json) { $0.append(ifAny: $1.result) },
        ]
    }
}

extension [StatusEventRow] {
    var columns: [PostgresValue] {
        [
            column(.uuid) { $0.append($1.message) },
            column(.int8) { $0.append(int: $1.place) },
            column(.timestamptz) { $0.append(unixMilliseconds: $1.at) },
            column(.text) { $0.append(text: $1.type) },
            column(.text) { $0.append(ifAny: $1.status?.rawValue) },
            column(.text) { $0.append(ifAny: $1.reason) },
            column(.text) { $0.append(ifAny: $1.error) },
            column(.json) { $0.append(ifAny: $1.detail) },
            column(.text) { $0.append(ifAny: $1.token) },
        ]
    }
}

extension [MessageChange] {
    var columns: [PostgresValue] {
        let identity = [
            column(.uuid) { $0.append($1.id) },
            column(.text) { $0.append(text: $1.direction.rawValue) },
            column(.text) { $0.append(ifAny: $1.channel?.rawValue) },
            column(.text) { $0.append(text: $1.direction == .inbound ? "received" : $1.status.rawValue) },
        ]
        return identity + acceptances + [
            column(.int4) { $0.append(int: Int64($1.attempts)) },
            column(.timestamptz) { $0.append(momentIfAny: $1.sentAt) },
            column(.int8) { $0.append(ifAny: $1.latest?.place) },
            column(.text) { $0.append(ifAny: $1.latest?.reason) },
            column(.text) { $0.append(ifAny: $1.latest?.error) },
            column(.json) { $0.append(ifAny: $1.latest?.result) },
            column(.timestamptz) { $0.append(momentIfAny: $1.latest?.nextAttemptAt) },
            column(.int8) { $0.append(ifAny: $1.redriven) },
            column(.timestamptz) { $0.append(momentIfAny: $1.droppedAt) },
            column(.timestamptz) { $0.append(unixMilliseconds: $1.updatedAt) },
        ]
    }

    var payloadColumns: [PostgresValue] {
        [
            column(.uuid) { $0.append($1.id) },
            column(.json) { column, message in column.append(json: message.acceptance?.whole) },
        ]
    }

    private var acceptances: [PostgresValue] {
        [
            column(.timestamptz) { $0.append(momentIfAny: $1.acceptance?.at) },
            column(.text) { $0.append(ifAny: $1.acceptance?.sender) },
            column(.text) { $0.append(ifAny: $1.acceptance?.recipient) },
            column(.uuid) { column, message in
                if let conversation = message.conversation {
                    column.append(uuid: PostgresUUID(conversation.id))
                } else {
                    column.appendNull()
                }
            },
            column(.json) { column, message in column.append(json: message.acceptance?.content) },
            column(.text) { $0.append(ifAny: $1.acceptance?.priority?.rawValue) },
            column(.timestamptz) { $0.append(momentIfAny: $1.acceptance?.scheduledAt) },
            column(.text) { $0.append(ifAny: $1.acceptance?.tenant) },
        ]
    }
}

extension [ConversationChange] {
    var columns: [PostgresValue] {
        [
            column(.uuid) { $0.append(uuid: PostgresUUID($1.id)) },
            column(.text) { $0.append(text: $1.conversation.channel.rawValue) },
            column(.text) { $0.append(text: $1.conversation.low) },
            column(.text) { $0.append(text: $1.conversation.high) },
            column(.uuid) { $0.append($1.first) },
            column(.uuid) { $0.append($1.last) },
            column(.text) { $0.append(ifAny: $1.conversation.tenant) },
        ]
    }
}

extension [SuppressionChange] {
    var columns: [PostgresValue] {
        [
            column(.text) { $0.append(text: $1.kind) },
            column(.text) { $0.append(text: $1.address) },
            column(.text) { $0.append(ifAny: $1.reason) },
            column(.timestamptz) { $0.append(unixMilliseconds: $1.saidAt) },
            column(.int8) { $0.append(int: $1.place) },
        ]
    }
}

extension [RejectedEvent] {
    var columns: [PostgresValue] {
        [
            column(.int8) { $0.append(int: $1.place) },
            column(.uuid) { column, event in
                if let message = event.message { column.append(message) } else { column.appendNull() }
            },
            column(.text) { $0.append(text: $1.reason) },
            column(.text) { $0.append(ifAny: $1.sqlState) },
            column(.json) { $0.append(text: $1.fields) },
        ]
    }
}
