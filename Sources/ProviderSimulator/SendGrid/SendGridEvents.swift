import Foundation
import NIOCore
import Synchronization

/// The Event Webhook: what became of the mails, gathered for a moment and told in one signed POST.
final class SendGridEvents: Sendable {
    private struct State {
        var url: String?
        var gathered: [SendGridEvent] = []
        /// Whether somebody tells what is gathered. One at a time, or else the batches would overtake each other.
        var isTelling = false
    }

    let key: EventSigningKey
    private let callbacks: CallbackService
    private let deliversAfter: Duration
    private let gathersFor: Duration
    private let state: Mutex<State>

    init(settings: SimulatorSettings, callbacks: CallbackService) {
        self.callbacks = callbacks
        key = settings.sendGridEventKey
        deliversAfter = settings.deliversAfter
        gathersFor = settings.sendGridGathersFor
        state = Mutex(State(url: settings.sendGridEventURL))
    }

    /// Where the events go; nil: nowhere.
    var url: String? {
        get { state.withLock(\.url) }
        set { state.withLock { $0.url = newValue } }
    }

    /// - Returns: nil if nobody is to be told.
    func work(for mail: Mail, id: String, _ aftermath: Aftermath) -> CallbackService.Work? {
        guard url != nil, !mail.isSandboxed else { return nil }
        let now = Date()
        let kinds = SendGridEvent.Kind.story(of: aftermath.events ?? .delivered)
        return { [self] in
            // Made beforehand: an event that is told twice is the same twice, and the order told does not change its
            // time.
            let steps = try kinds.enumerated().map { index, kind in
                let share = Double(index) / Double(max(1, kinds.count - 1))
                return try events(kind, of: mail, id: id, at: now + share * deliversAfter.seconds)
            }
            try await aftermath.tell(steps, over: deliversAfter) { events in
                if aftermath.isEarly { try await post(events) } else { gather(events) }
            }
        }
    }

    private func events(_ kind: SendGridEvent.Kind, of mail: Mail, id: String, at: Date) throws -> [SendGridEvent] {
        try (mail.personalizations ?? []).flatMap { personalization in
            try personalization.recipients.compactMap(\.email).map { email in
                try SendGridEvent(kind, of: mail, in: personalization, to: email, id: id, at: at)
            }
        }
    }

    private func gather(_ events: [SendGridEvent]) {
        let isTold = state.withLock { state in
            defer { state.isTelling = true }
            state.gathered += events
            return state.isTelling
        }
        guard !isTold, !callbacks.start(tellGathered) else { return }
        state.withLock { state in
            state.isTelling = false
            state.gathered = []
        }
    }

    @Sendable private func tellGathered() async throws {
        while true {
            try await Task.sleep(for: gathersFor)
            let gathered = state.withLock { state in
                defer { state.gathered = [] }
                state.isTelling = !state.gathered.isEmpty
                return state.gathered
            }
            if gathered.isEmpty { return }
            try await post(gathered)
        }
    }

    private func post(_ events: [SendGridEvent]) async throws {
        guard let url else { return }
        // SendGrid's bodies have these line ends, which belong to what is signed.
        let body = "[" + events.map(\.json).joined(separator: ",\r\n") + "]\r\n"
        let timestamp = String(Int(Date().timeIntervalSince1970))
        let callback = Callback(
            provider: .sendgrid, url: url,
            headers: [
                "User-Agent": "SendGrid Event API",
                "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
                "X-Twilio-Email-Event-Webhook-Signature":
                    try key.signature(timestamp: timestamp, body: Data(body.utf8)),
            ], content: .json(ByteBuffer(string: body)))
        try await callbacks.post(callback)
    }
}
