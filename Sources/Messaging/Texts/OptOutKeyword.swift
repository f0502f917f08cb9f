/// What a whole message of one word asks for: to be left alone, to hear again, or for help.
///
/// Source: Twilio, "Support for opt-out keywords": the word alone, in either case. "STOP it" is not a stop. Blanks
/// around the word and full stops, commas, exclamation and question marks after it are looked over, since nobody who
/// writes "Stop!" means to go on.
public enum OptOutKeyword: String, Sendable, Codable, CaseIterable {
    case stop, start, help

    /// Nil where the message is anything else.
    public init?(message: String) {
        let edges = message.utf8.drop { Self.isBlank($0) }
        guard let last = edges.lastIndex(where: { !Self.isBlank($0) && !".,!?".utf8.contains($0) }) else { return nil }
        let word = edges[...last]
        // The longest is UNSUBSCRIBE; a long text is not copied.
        guard word.count <= 11 else { return nil }
        switch String(decoding: word, as: UTF8.self).uppercased() {
        case "STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL": self = .stop
        case "START", "UNSTOP": self = .start
        case "HELP", "INFO": self = .help
        default: return nil
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }
}
