import Foundation
import Synchronization

/// The last messages, found by sid without an index: a sid is `SM` (or `MM`), 16 digits of this simulator and 16 of the
/// message's number.
final class TwilioMessageStore: Sendable {
    private let instance = hex(UInt64.random(in: .min ... .max))
    private let messages: Mutex<RecentRing<TwilioMessage>>

    init(keepLast: Int) {
        messages = Mutex(RecentRing(capacity: keepLast))
    }

    func add(
        _ draft: TwilioDraft, ending: Aftermath.Ending?, account: String, at now: Date
    ) -> TwilioMessage {
        let prefix = draft.media.isEmpty ? "SM" : "MM"
        return messages.withLock { messages in
            let sid = prefix + instance + Self.hex(UInt64(messages.nextSequence))
            let message = TwilioMessage(draft, ending: ending, sid: sid, account: account, at: now)
            messages.append(message)
            return message
        }
    }

    subscript(sid: String) -> TwilioMessage? {
        guard let sequence = Self.sequence(sid) else { return nil }
        let message = messages.withLock { $0[sequence] }
        return message?.sid == sid ? message : nil
    }

    var newestFirst: [TwilioMessage] {
        let messages = messages.withLock { $0 }
        return Array(messages.newestFirst)
    }

    /// - Returns: the canceled message; nil if it was sent already or is unknown.
    func cancel(_ sid: String, at now: Date, deliversAfter: Duration) -> TwilioMessage? {
        guard let sequence = Self.sequence(sid) else { return nil }
        return messages.withLock { messages in
            guard var message = messages[sequence], message.sid == sid,
                ["queued", "accepted", "scheduled"]
                    .contains(message.progress(at: now, deliversAfter: deliversAfter).status)
            else { return nil }
            message.canceled = now
            messages[sequence] = message
            return message
        }
    }

    /// The number in a sid.
    static func sequence(_ sid: String) -> Int? {
        sid.utf8.count == 34 ? Int(sid.suffix(16), radix: 16) : nil
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
