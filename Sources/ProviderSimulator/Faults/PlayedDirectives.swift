/// How often each directive of a message was played, for the last messages that counted.
struct PlayedDirectives: Sendable {
    private struct Key: Hashable, Sendable {
        let message: MessageIdentity
        let index: Int
    }

    private var counts: [Key: Int] = [:]
    private var order: RecentRing<Key>

    init(capacity: Int) {
        order = RecentRing(capacity: capacity)
    }

    /// - Returns: false if the directive is used up for this message.
    mutating func play(_ directive: Directive, at index: Int, of message: MessageIdentity?) -> Bool {
        guard let times = directive.times, let message else { return true }
        let key = Key(message: message, index: index)
        let played = counts[key] ?? 0
        guard played < times else { return false }
        if played == 0, let evicted = order.append(key) { counts[evicted] = nil }
        counts[key] = played + 1
        return true
    }
}
