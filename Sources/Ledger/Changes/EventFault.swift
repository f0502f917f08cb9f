/// Why an event cannot be kept. Repeats nothing of it: events hold addresses and texts.
struct EventFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
