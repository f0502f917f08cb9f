/// A place of a queue where jobs are.
public enum QueuePart: Sendable, Hashable {
    /// A lane's stream: what waits and what runs.
    case stream(Lane)
    /// What failed or was put off, and waits for its time.
    case retry
    /// What was enqueued for later.
    case scheduled
    /// The dead letters.
    case dead
}

/// Some jobs of a part of a queue.
public struct QueuePage: Sendable, Equatable {
    /// Where a page ended.
    public struct Cursor: Sendable, Equatable {
        package let text: String

        package init(_ text: String) { self.text = text }
    }

    public var ids: [JobID]
    /// nil: that was the last page.
    public var next: Cursor?

    package init(ids: [JobID], next: Cursor?) {
        self.ids = ids
        self.next = next
    }
}
