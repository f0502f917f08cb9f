/// The type of an attachment.
enum MediaType {
    /// `type/subtype` in lower case and, where it has one, its charset: of all parameters the one that a text is
    /// unreadable without. `application/octet-stream` for what is no media type, and for `multipart/…` and `message/…`,
    /// which must not be in base64 (RFC 2045 section 6.4).
    static func sendable(_ type: String) -> String {
        let parts = type.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.withoutOuterSpaces.lowercased()
        }
        let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ isToken($0) }), names[0] != "multipart", names[0] != "message" else {
            return "application/octet-stream"
        }
        let charset = parts.dropFirst().first { part in
            part.hasPrefix("charset=") && isToken(part.dropFirst("charset=".count))
        }
        return parts[0] + (charset.map { "; \($0)" } ?? "")
    }

    /// Source: RFC 2045 section 5.1.
    private static func isToken(_ text: Substring) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
    }
}
