/// The last elements of a sequence that never ends, each under the number it got when it came. Memory grows to the
/// capacity and no further.
struct RecentRing<Element: Sendable>: Sendable {
    let capacity: Int
    /// The number the next element gets.
    private(set) var nextSequence = 0
    /// The number of the element in slot 0 when the slots began to fill.
    private var base = 0
    private var slots: [Element] = []

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { slots.count }

    /// - Returns: the element that had to go for it.
    @discardableResult
    mutating func append(_ element: Element) -> Element? {
        let slot = (nextSequence - base) % capacity
        nextSequence += 1
        guard slot < slots.count else {
            slots.append(element)
            return nil
        }
        let evicted = slots[slot]
        slots[slot] = element
        return evicted
    }

    /// The element of a number; nil once it is gone. Setting one that is gone does nothing.
    subscript(sequence: Int) -> Element? {
        get { slot(of: sequence).map { slots[$0] } }
        set {
            if let slot = slot(of: sequence), let newValue { slots[slot] = newValue }
        }
    }

    var newestFirst: some Sequence<Element> {
        (nextSequence - count..<nextSequence).reversed().lazy.compactMap { self[$0] }
    }

    /// Forgets the elements; the numbers go on.
    mutating func removeAll() {
        slots = []
        base = nextSequence
    }

    private func slot(of sequence: Int) -> Int? {
        sequence < nextSequence && sequence >= nextSequence - count ? (sequence - base) % capacity : nil
    }
}
