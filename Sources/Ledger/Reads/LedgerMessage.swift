public import JobRuntime
public import Messaging

/// What the ledger knows of a message. All times are Unix milliseconds.
public struct LedgerMessage: Sendable, Equatable {
    public var id: JobID
    /// nil, as ``acceptedAt``, while only later events of it have come.
    public var channel: Channel?
    public var status: LedgerStatus
    public var acceptedAt: Int64?
    /// nil when it was redacted, as ``recipient``.
    public var sender: String?
    public var recipient: String?
    public var conversation: ConversationID?
    /// Whose it is; nil: nobody's in particular, or not known yet.
    public var tenant: String?
    /// The message as it was accepted: a JSON object, which has of files only the sizes. nil when it was redacted.
    public var content: String?
    /// nil: normal.
    public var priority: Lane?
    /// When it was to be sent, where that was later.
    public var scheduledAt: Int64?
    /// How many attempts have begun.
    public var attempts: Int
    public var sentAt: Int64?
    public var reason: String?
    public var error: String?
    /// What the provider answered, a JSON document.
    public var result: String?
    public var nextAttemptAt: Int64?
    /// When its dead letter was thrown away.
    public var droppedAt: Int64?
    public var redactedAt: Int64?
    public var updatedAt: Int64
    /// What happened to it after it was accepted, in the order of the events. Of a list's messages it is empty.
    public var timeline: [LedgerNews] = []

    public init(id: JobID, channel: Channel?, status: LedgerStatus, acceptedAt: Int64?) {
        self.id = id
        self.channel = channel
        self.status = status
        self.acceptedAt = acceptedAt
        attempts = 0
        updatedAt = acceptedAt ?? id.milliseconds
    }
}

/// One event of a message: the end of an attempt, a provider's report, a decision.
public struct LedgerNews: Sendable, Equatable {
    /// Its place among all events.
    public var place: Int64
    /// When it happened, Unix milliseconds; of an attempt, when it ended.
    public var at: Int64
    /// The event's name: `succeeded`, `retrying`, `reported`, `canceled`, `redriven` …
    public var type: String
    /// What the message was by it, where it says.
    public var status: MessageStatus?
    /// What only an attempt has.
    public var attempt: Attempt?
    public var reason: String?
    public var error: String?
    /// More of it, a JSON document: the provider's answer or report.
    public var detail: String?
    /// Of two reports with one token the second is a repetition.
    var token: String?

    public struct Attempt: Sendable, Equatable {
        /// From 1.
        public var number: Int
        public var deliveries: Int
        public var worker: String?
        /// Milliseconds.
        public var elapsed: Int64?
        public var nextAttemptAt: Int64?

        public init(
            number: Int, deliveries: Int, worker: String? = nil, elapsed: Int64? = nil, nextAttemptAt: Int64? = nil
        ) {
            self.number = number
            self.deliveries = deliveries
            self.worker = worker
            self.elapsed = elapsed
            self.nextAttemptAt = nextAttemptAt
        }
    }

    public init(place: Int64, at: Int64, type: String, status: MessageStatus? = nil, attempt: Attempt? = nil) {
        self.place = place
        self.at = at
        self.type = type
        self.status = status
        self.attempt = attempt
    }
}

extension [LedgerNews] {
    /// Without what repeats an earlier report.
    func withoutRepetitions() -> [LedgerNews] {
        var tokens: Set<String> = []
        return filter { news in news.token.map { tokens.insert($0).inserted } ?? true }
    }
}

/// A conversation: all that two addresses have said to each other over one channel.
public struct LedgerConversation: Sendable, Equatable {
    public var id: ConversationID
    public var channel: Channel
    /// Both addresses, in the order of their bytes.
    public var participants: [String]
    public var firstMessage: JobID
    public var lastMessage: JobID
    /// Whose it is; nil: nobody's in particular.
    public var tenant: String?

    public init(
        id: ConversationID, channel: Channel, participants: [String], firstMessage: JobID, lastMessage: JobID,
        tenant: String? = nil
    ) {
        self.tenant = tenant
        self.id = id
        self.channel = channel
        self.participants = participants
        self.firstMessage = firstMessage
        self.lastMessage = lastMessage
    }
}
