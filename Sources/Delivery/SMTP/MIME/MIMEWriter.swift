import JobRuntime
import Messaging

/// Writes headers, and a content as nested parts.
///
/// A boundary begins with `=_`, which neither quoted-printable nor base64 can hold (RFC 2045 section 6.7), and all
/// parts are in one of these: it occurs in no content, without a look at any.
struct MIMEWriter {
    private(set) var bytes: [UInt8] = []
    private let id: JobID

    init(id: JobID, capacity: Int) {
        self.id = id
        bytes.reserveCapacity(capacity)
    }

    mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func endLine() { write("\r\n") }

    /// A mail ends with a whole line.
    mutating func endLastLine() {
        if !bytes.suffix(2).elementsEqual("\r\n".utf8) { endLine() }
    }

    /// - Parameter value: ASCII without control characters.
    mutating func header(_ name: String, _ value: String) { write("\(name): \(value)\r\n") }

    /// The headers and the body of all that a mail says.
    mutating func content(of mail: Email) throws(Fault) {
        guard let attachments = mail.attachments, !attachments.isEmpty else { return text(of: mail) }
        let boundary = begin("mixed")
        open(boundary)
        text(of: mail)
        for (index, attachment) in attachments.enumerated() {
            open(boundary)
            try write(attachment, number: index + 1)
        }
        close(boundary)
    }

    /// The plain text before the HTML; an empty one is left out where there is HTML to show.
    private mutating func text(of mail: Email) {
        guard let html = mail.html else { return part("plain", mail.body) }
        guard !mail.body.isEmpty else { return part("html", html) }
        let boundary = begin("alternative")
        open(boundary)
        part("plain", mail.body)
        open(boundary)
        part("html", html)
        close(boundary)
    }

    private mutating func part(_ subtype: String, _ text: String) {
        header("Content-Type", "text/\(subtype); charset=utf-8")
        header("Content-Transfer-Encoding", "quoted-printable")
        endLine()
        QuotedPrintable.append(text, to: &bytes)
    }

    private mutating func write(_ attachment: Email.Attachment, number: Int) throws(Fault) {
        header("Content-Type", MediaType.sendable(attachment.type))
        header("Content-Transfer-Encoding", "base64")
        write("Content-Disposition: attachment\(HeaderText.parameter("filename", attachment.filename))\r\n")
        endLine()
        guard Base64Lines.append(attachment.content, to: &bytes) else {
            throw .unmailable("attachment \(number) is not base64")
        }
    }
}

// MARK: - Multipart

extension MIMEWriter {
    /// The header and its end; gives the boundary.
    private mutating func begin(_ subtype: String) -> String {
        let boundary = "=_\(subtype)_\(id)"
        header("Content-Type", "multipart/\(subtype);\r\n boundary=\"\(boundary)\"")
        return boundary
    }

    /// The line break before a boundary belongs to it: a part's text ends where it ends.
    private mutating func open(_ boundary: String) { write("\r\n--\(boundary)\r\n") }

    private mutating func close(_ boundary: String) { write("\r\n--\(boundary)--\r\n") }
}
