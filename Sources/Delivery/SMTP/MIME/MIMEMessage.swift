import JobRuntime
import Messaging

/// A mail as it goes over the wire (RFC 5322, RFC 2045 to 2047): lines of ASCII that end in CRLF, none longer than 78
/// but for a long address, and none that begins with a dot. The same mail, id and date give the same bytes.
///
/// Whatever the fields hold, they are what they are and nothing else: an address is checked, and a text is encoded or
/// refused before it can end a line.
struct MIMEMessage: Sendable {
    /// With its angle brackets.
    let messageID: String
    let bytes: [UInt8]

    /// - Parameters:
    ///   - id: of the message; the Message-ID is made of it and the sender's domain.
    ///   - date: Unix milliseconds.
    /// - Throws: a ``Fault`` where no mail can be made of it.
    init(_ mail: Email, id: JobID, date: Int64) throws(Fault) {
        guard EmailAddress.fault(in: mail.from) == nil, let at = mail.from.lastIndex(of: "@") else {
            throw .unmailable("the sender is not one bare email address")
        }
        guard EmailAddress.fault(in: mail.to) == nil else {
            throw .unmailable("the recipient is not one bare email address")
        }
        messageID = "<\(id)\(mail.from[at...])>"
        var writer = MIMEWriter(id: id, capacity: mail.roughSize)
        writer.header("From", mail.from)
        writer.header("To", mail.to)
        writer.write("Subject: ")
        writer.write(HeaderText.unstructured(mail.subject, after: "Subject: ".utf8.count))
        writer.endLine()
        writer.header("Date", MailDate.string(unixMilliseconds: date))
        writer.header("Message-ID", messageID)
        writer.header("X-Posthaste-ID", id.description)
        writer.header("MIME-Version", "1.0")
        try writer.content(of: mail)
        writer.endLastLine()
        bytes = writer.bytes
    }
}

extension Email {
    /// Of the message in bytes: what is to be escaped and what stands around it is guessed.
    fileprivate var roughSize: Int {
        let text = body.utf8.count + (html?.utf8.count ?? 0)
        return (attachments ?? []).reduce(1500 + text + text / 8) { $0 + 500 + $1.content.utf8.count * 80 / 76 }
    }
}

extension Fault {
    static func unmailable(_ what: String) -> Fault {
        Fault(provider: "smtp", what: what, remedy: "Correct the message and send it anew.")
    }
}
