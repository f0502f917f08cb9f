import JobRuntime
public import Messaging

/// Which messages are wanted: those that fit all that is said. Addresses are compared as they were accepted.
public struct MessageFilter: Sendable, Equatable {
    public var direction: Direction?
    /// One of these; empty: any.
    public var channels: Set<Channel> = []
    /// One of these; empty: any.
    public var statuses: Set<LedgerStatus> = []
    public var sender: String?
    public var recipient: String?
    public var conversation: ConversationID?
    /// Unix milliseconds: made then or later.
    public var since: Int64?
    /// Unix milliseconds: made before.
    public var until: Int64?
    /// Only what is this tenant's; nil: everybody's.
    public var tenant: String?

    public init() {}
}

/// Which conversations are wanted.
public struct ConversationFilter: Sendable, Equatable {
    public var channel: Channel?
    /// Those that all of these, at most two, take part in.
    public var participants: [String] = []
    /// As in ``MessageFilter/tenant``.
    public var tenant: String?

    public init() {}
}

/// A place in a list: after a message, the newest being first. What came before that place stays where it is, whatever
/// is added to the list.
public struct MessageCursor: Sendable, Hashable, LosslessStringConvertible {
    let last: JobID

    init(after last: JobID) { self.last = last }

    /// - Returns: nil for what is no cursor's text.
    public init?(_ description: String) {
        guard let last = JobID(description) else { return nil }
        self.last = last
    }

    public var description: String { last.description }
}

/// A piece of a list.
public struct LedgerPage<Element: Sendable>: Sendable {
    public var elements: [Element]
    /// Where the next piece begins; nil: there is none.
    public var next: MessageCursor?

    public init(_ elements: [Element], next: MessageCursor? = nil) {
        self.elements = elements
        self.next = next
    }

    /// - Parameter elements: one more than the limit, where there are more.
    init(_ elements: [Element], limit: Int, last: (Element) -> JobID) {
        self.elements = Array(elements.prefix(limit))
        next = elements.count > limit ? self.elements.last.map { MessageCursor(after: last($0)) } : nil
    }
}

extension LedgerPage: Equatable where Element: Equatable {}
