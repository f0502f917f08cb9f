import Synchronization

/// What becomes known of a request on its way in, for the door to write down: the context is a value, and what is
/// changed in it further in is not seen outside.
final class RequestNotes: Sendable {
    private struct Content {
        var caller: String?
        var bodyBytes = 0
        var reserved = 0
        var budget: BodyBudget?
    }

    private let content = Mutex(Content())

    /// The name of whoever made the request, once it is known.
    var caller: String? {
        get { content.withLock(\.caller) }
        set { content.withLock { $0.caller = newValue } }
    }

    /// How much of the body was read.
    var bodyBytes: Int {
        get { content.withLock(\.bodyBytes) }
        set { content.withLock { $0.bodyBytes = newValue } }
    }

    /// Takes memory for a body until the request is done.
    ///
    /// - Parameter bytes: of all of it, with what was reserved before.
    /// - Returns: whether there was as much.
    func reserve(_ bytes: Int, of budget: BodyBudget) -> Bool {
        content.withLock { content in
            guard bytes > content.reserved else { return true }
            guard budget.take(bytes - content.reserved) else { return false }
            content.reserved = bytes
            content.budget = budget
            return true
        }
    }

    deinit {
        content.withLock { content in
            if content.reserved > 0 { content.budget?.giveBack(content.reserved) }
        }
    }
}
