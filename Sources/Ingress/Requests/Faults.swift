/// One thing that is wrong with a request's document, and where.
struct Fault: Sendable, Equatable {
    /// A JSON pointer (RFC 6901) into the document; empty for the document itself.
    var pointer: String
    /// What is wrong, to be read after the name of the place.
    var detail: String
}

/// All that is wrong with one message of a request, gathered instead of stopping at the first.
struct Faults: Sendable, Equatable {
    /// A document made of faults must not make an answer larger than itself: what exceeds this is not listed.
    static let limit = 100

    private(set) var list: [Fault] = []
    /// Where the message lies in the document.
    private let base: String
    private let limit: Int

    /// - Parameter limit: how many are listed; one at least.
    init(base: String = "", limit: Int = Self.limit) {
        self.base = base
        self.limit = max(1, min(limit, Self.limit))
    }

    var isEmpty: Bool { list.isEmpty }

    mutating func add(_ detail: String, at path: String...) {
        guard list.count < limit else { return }
        list.append(Fault(pointer: pointer(path), detail: detail))
    }

    /// For what is wrong with a part of the message, to be gathered and then added.
    func inside(_ path: String...) -> Faults { Faults(base: pointer(path)) }

    mutating func add(_ part: Faults) { list += part.list.prefix(max(0, limit - list.count)) }

    /// Whether anything is wrong with a place itself (not with a place inside it).
    func concern(_ path: String...) -> Bool {
        let pointer = pointer(path)
        return list.contains { $0.pointer == pointer }
    }

    private func pointer(_ path: [String]) -> String {
        path.reduce(into: base) { pointer, token in
            pointer += "/"
            for character in token.unicodeScalars {
                switch character {
                case "~": pointer += "~0"
                case "/": pointer += "~1"
                default: pointer.unicodeScalars.append(character)
                }
            }
        }
    }
}
