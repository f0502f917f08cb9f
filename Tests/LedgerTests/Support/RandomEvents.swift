import JobRuntime
import Messaging
import NIOCore
import TestSupport

@testable import Ledger

/// Histories of messages as workers, operators and providers make them, and some that nobody would.
struct RandomEvents {
    var random: SeededGenerator
    private var sequence: UInt64 = 0
    private let start: Int64

    init(seed: UInt64, start: Int64 = 1_795_000_000_000) {
        random = SeededGenerator(state: seed)
        self.start = start
    }

    /// The events of some messages, in the order of their places.
    mutating func make(messages: Int) -> [LedgerEvent] {
        let ids = (0..<messages).map { _ in
            // Over three weeks, so that several parts of the tables are meant.
            JobID(milliseconds: start + .random(in: 0...1_600_000_000, using: &random), random: random.next())
        }
        return ids.flatMap { history(of: $0) } + callback() + suppressions()
    }

    private mutating func history(of id: JobID) -> [LedgerEvent] {
        let channel = Messaging.Channel.allCases.randomElement(using: &random) ?? .sms
        var events = [accepted(id, channel)]
        for _ in 0..<Int.random(in: 0...6, using: &random) { events.append(something(id, channel)) }
        // Its acceptance may never come.
        return Int.random(in: 0..<10, using: &random) == 0 ? Array(events.dropFirst()) : events
    }

    private mutating func event(_ type: String, _ id: JobID, _ queue: String) -> JobEvent {
        JobEvent(
            type, id, queue: queue, at: Moment(start + .random(in: 0...1_600_000_000, using: &random)),
            attempt: .random(in: 1...5, using: &random))
    }

    private mutating func accepted(_ id: JobID, _ channel: Messaging.Channel) -> LedgerEvent {
        var event = event("accepted", id, channel.queueName)
        event.kind = channel.rawValue
        event.lane = Lane.allCases.randomElement(using: &random)
        event.due = Bool.random(using: &random) ? Moment(start + 5) : nil
        let ends = ["+15550001", "+15550002", "https://example.com/h", "a@example.com"]
        let (from, to) = (ends.randomElement(using: &random) ?? "", ends.randomElement(using: &random) ?? "")
        return placed(
            .job(
                event,
                payload: ByteBuffer(string: #"{"from":"\#(from)","to":"\#(to)","body":"Hé 🚀"\#(tenantMember())}"#)))
    }

    /// Whose a message is; many are nobody's.
    private mutating func tenantMember() -> String {
        ["", #","tenant":"acme""#, #","tenant":"beta""#].randomElement(using: &random) ?? ""
    }

    private mutating func something(_ id: JobID, _ channel: Messaging.Channel) -> LedgerEvent {
        let types = [
            "succeeded", "retrying", "snoozed", "parked", "dead", "unknown", "expired", "discarded", "canceled",
            "redriven",
            "dropped", "reported", "reported", "restored",
        ]
        let type = types.randomElement(using: &random) ?? "dead"
        if type == "restored" {
            guard case .job(var event, let payload) = accepted(id, channel).content else {
                return accepted(id, channel)
            }
            event.type = type
            return placed(.job(event, payload: payload))
        }
        var event = event(type, id, type == "reported" && Bool.random(using: &random) ? "" : channel.queueName)
        if type == "reported" {
            event.name = ["sent", "delivered", "undelivered", "read"].randomElement(using: &random)
            event.rank = 1
            event.result = #"{"provider":"twilio"}"#
            event.token = "t\(Int.random(in: 0...2, using: &random))"
        } else if AttemptOutcome(rawValue: type) != nil, Int.random(in: 0..<5, using: &random) > 0 {
            (event.deliveries, event.elapsed, event.consumer) = (1, 12, "host-1-a")
        }
        if type == "discarded" { event.reason = ["suppressed", "other"].randomElement(using: &random) }
        if type != "succeeded" { event.error = "e\(sequence)" } else { event.result = #"{"id":"SM\#(sequence)"}"# }
        return placed(.job(event, payload: nil))
    }

    /// A message to us, and one that repeats it.
    private mutating func callback() -> [LedgerEvent] {
        var event = event("succeeded", JobID(milliseconds: start, random: random.next()), "webhook_queue")
        event.result =
            #"{"news":1,"received":[{"provider":"twilio","id":"SM1","type":"sms","from":"+15550002","to":"+15550001""#
            + #"\#(tenantMember()),"body":"STOP"}]}"#
        return [placed(.job(event, payload: nil))]
    }

    private mutating func suppressions() -> [LedgerEvent] {
        (0..<4).map { _ in
            let isOn = Bool.random(using: &random)
            return placed(
                .other(
                    type: isOn ? "suppressed" : "allowed",
                    fields: ["kind": "phone", "address": "+15550001", "reason": "stop", "said": "\(start)"]))
        }
    }

    private mutating func placed(_ content: LedgerEvent.Content) -> LedgerEvent {
        sequence += 1
        return LedgerEvent(EventID(EntryID(milliseconds: UInt64(start), sequence: sequence)), content)
    }
}
