import Synchronization

/// The API keys that are taken.
package struct KeyRing: Sendable, Equatable {
    package let keys: [APIKey]
    /// Of each key, Unix milliseconds.
    private let ends: [Int64]

    private init(_ entries: [(place: String, text: Substring)]) throws(KeyFault) {
        var keys: [APIKey] = []
        for entry in entries {
            let key: APIKey
            do throws(KeyFault) {
                key = try APIKey(entry.text)
            } catch {
                throw KeyFault(place: entry.place, name: error.name, error.reason)
            }
            if keys.contains(where: { $0.digest == key.digest }) {
                throw KeyFault(place: entry.place, name: key.name, "its key has been given before")
            }
            if keys.contains(where: { $0.name == key.name && $0.tenant != key.tenant }) {
                throw KeyFault(place: entry.place, name: key.name, "an entry of this name has another tenant")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw KeyFault("there is no key in it") }
        self.keys = keys
        ends = keys.map { $0.end ?? .max }
    }

    /// Reads entries as a variable has them: separated by commas, spaces or line breaks.
    package init(list text: String) throws(KeyFault) {
        let entries = text.split { $0 == "," || $0.isWhitespace }
        try self.init(entries.enumerated().map { ("entry \($0 + 1)", $1) })
    }

    /// Reads entries as a file has them: one in a line. Empty lines, and those that begin with `#`, say nothing.
    package init(file text: String) throws(KeyFault) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        var entries: [(String, Substring)] = []
        for (index, line) in lines.enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let word = words.first, !word.hasPrefix("#") else { continue }
            let place = "line \(index + 1)"
            // A comment may stand behind an entry.
            guard words.count == 1 || words[1].hasPrefix("#") else {
                throw KeyFault(place: place, "expected one entry, without spaces in it")
            }
            entries.append((place, word))
        }
        try self.init(entries)
    }

    /// The key that a client has shown; nil for any that is not taken (any more).
    ///
    /// Every key is compared with, whichever it is, and none sooner given up than another: how long it takes tells nothing
    /// of the keys.
    ///
    /// - Parameter now: Unix milliseconds.
    func find(_ text: String, now: @autoclosure () -> Int64) -> APIKey? {
        guard KeyText.isWellFormed(text) else { return nil }
        let digest = KeyDigest(of: text)
        // No two are the same.
        var place: UInt64 = 0
        for index in keys.indices { place |= keys[index].digest.equals(digest) &* UInt64(index + 1) }
        guard place > 0 else { return nil }
        let index = Int(place) - 1
        return ends[index] == .max || now() < ends[index] ? keys[index] : nil
    }
}

/// The ring that is in use, until another takes its place.
package final class APIKeys: Sendable {
    private let current: Mutex<KeyRing>

    package init(_ ring: KeyRing) { current = Mutex(ring) }

    package var ring: KeyRing { current.withLock(\.self) }

    func replace(with ring: KeyRing) { current.withLock { $0 = ring } }
}
