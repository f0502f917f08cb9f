public import JobRuntime
import Logging
import Messaging

/// Takes in what vendors call back with: reports of messages, answers of their recipients, and who wants no more.
///
/// Callbacks come twice, in any order, and before the send itself was answered. So everything here may be done again:
/// a report counts once by its token, a status only moves up, an inbound message belongs to the first callback that
/// tells of it, and what is told to customers has an id that follows from what is told.
public struct CallbackHandler: JobHandler {
    private let state: DeliveryState
    private let suppressions: SuppressionList
    private let jobs: JobClient
    private let inboundURL: String?
    private let tenants: [String: String]

    /// How many news of one callback are taken in at a time: SendGrid posts thousands.
    private static let atATime = 64

    /// An hour of trying: what fails here is Redis, or the queue for what is told to customers is full.
    static let policy = RetryPolicy(
        backoff: .exponential(base: .seconds(1), cap: .seconds(60)), maximumAttempts: 120, maximumAge: .seconds(86_400))

    /// - Parameters:
    ///   - jobs: need not be running.
    ///   - inboundURL: where messages to us are posted, as `message.received` webhooks; nil: nowhere.
    ///   - tenants: whose our numbers and addresses are.
    public init(
        state: DeliveryState, jobs: JobClient, inboundURL: String? = nil, tenants: [String: String] = [:]
    ) {
        self.state = state
        self.jobs = jobs
        self.inboundURL = inboundURL
        self.tenants = tenants
        suppressions = SuppressionList(state)
    }

    public func run(_ callback: ProviderCallback, attempt: Attempt) async throws -> Outcome {
        let reading: CallbackReading
        do {
            reading = try callback.news()
        } catch {
            return .dead(
                reason: .permanent, error: "\(callback.vendor.rawValue) called back with what is none: \(error)")
        }
        if let problem = reading.problems.first {
            attempt.logger.warning(
                "Parts of a callback were not understood",
                metadata: [
                    "vendor": "\(callback.vendor.rawValue)", "parts": "\(reading.problems.count)",
                    "first": "\(problem)",
                ])
        }
        var received: [InboundMessage] = []
        for start in stride(from: 0, to: reading.news.count, by: Self.atATime) {
            let some = reading.news[start..<min(start + Self.atATime, reading.news.count)]
            received += try await withThrowingTaskGroup(of: InboundMessage?.self) { group in
                for news in some { group.addTask { try await take(news, attempt) } }
                return try await group.reduce(into: []) { if let message = $1 { $0.append(message) } }
            }
        }
        // One after the other, as they stand.
        for case .consent(let news) in reading.news {
            try await suppressions.hear(
                news.dated(attempt.startedAt), at: min(news.at ?? callback.receivedAt, callback.receivedAt))
        }
        return .succeeded(result: InboundMessage.result(received, news: reading.news.count))
    }

    /// - Returns: a message to us that was not known before.
    private func take(_ news: ProviderNews, _ attempt: Attempt) async throws -> InboundMessage? {
        switch news {
        case .status(let status): try await take(status, attempt)
        case .consent: break
        case .inbound(var message):
            message.tenant = tenants[message.to]
            return try await isNew(message, attempt) ? message : nil
        }
        return nil
    }
}

// MARK: - What there is to take in

extension CallbackHandler {
    private func take(_ news: StatusNews, _ attempt: Attempt) async throws {
        if var suppression = news.suppress {
            suppression.at = attempt.startedAt
            try await suppressions.add(suppression)
        }
        guard let message = news.message else {
            // Without an id of ours: the message was not sent from here.
            return attempt.note("foreign", "\(news.vendor.rawValue) \(news.vendorID)")
        }
        // That the vendor tells anything of it proves that it has the message.
        let status = news.status ?? .sent
        let report = JobReport(
            name: status.rawValue, rank: status.rank, detail: news.json,
            token: String(decoding: "\(news.vendor.rawValue):\(news.token)".utf8.prefix(200), as: UTF8.self),
            provesEffect: true)
        guard try await jobs.report(report, of: message) != .notFound else { return }
        // Told by the report that stands, not by whether this was the one that put it there: a worker may have died
        // between the two steps.
        guard let record = try await jobs.record(of: message), record.report?.name == status.rawValue,
            let channel = Channel(rawValue: record.kind), let payload = record.payload,
            var event = MessageEvent(status, channel: channel, job: message, payload: payload)
        else { return }
        event.details.append(("result", news.json))
        try await enqueue(event.jobs(at: news.at ?? attempt.startedAt))
    }

    /// Whether this callback is the first to tell of a message to us. Then it is posted on.
    private func isNew(_ message: InboundMessage, _ attempt: Attempt) async throws -> Bool {
        guard try await state.claim(message.id, of: "inbound:\(message.vendor.rawValue)", for: attempt.job) else {
            return false
        }
        if let inboundURL {
            let webhook = Webhook(
                from: "posthaste", to: inboundURL, body: message.document(at: message.at ?? attempt.startedAt))
            try await enqueue([
                NewJob(
                    id: .derived(from: attempt.job, "message.received:\(message.id)"),
                    queue: JobQueue(Channel.webhook.queueName), kind: Webhook.kind,
                    payload: Message.webhook(webhook).json())
            ])
        }
        return true
    }

    private func enqueue(_ jobs: [NewJob]) async throws {
        for result in await self.jobs.enqueue(jobs) { _ = try result.get() }
    }
}

extension ConsentNews {
    /// The change, with when it is put on the list.
    fileprivate func dated(_ moment: Int64) -> Change {
        guard case .suppress(var suppression) = change else { return change }
        suppression.at = moment
        return .suppress(suppression)
    }
}
