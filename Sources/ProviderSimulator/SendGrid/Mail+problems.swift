import Foundation

extension Mail {
    /// What SendGrid would say against the mail, in its words; empty if it would take it.
    var problems: [SendGridError] {
        personalizationProblems + envelopeProblems + contentProblems + attachmentProblems
    }

    private var personalizationProblems: [SendGridError] {
        guard let personalizations, !personalizations.isEmpty else {
            return [
                SendGridError(
                    "The personalizations field is required and must have at least one personalization.",
                    field: "personalizations", anchor: "-Personalizations-Errors")
            ]
        }
        var problems: [SendGridError] = []
        var total = 0
        for (index, personalization) in personalizations.enumerated() {
            total += personalization.recipients.count
            problems += personalization.problems(at: "personalizations.\(index)")
        }
        if total > 1000 {
            problems.append(
                SendGridError(
                    "There is a limit of 1000 total recipients (to + cc + bcc) per request.",
                    field: "personalizations", anchor: "message.recipient-errors"))
        }
        return problems
    }

    private var envelopeProblems: [SendGridError] {
        var problems: [SendGridError] = []
        if let email = from?.email {
            if !Address.isValid(email) {
                problems.append(
                    SendGridError(
                        "The from email does not contain a valid address.", field: "from.email",
                        anchor: "message.from"))
            }
        } else {
            problems.append(
                SendGridError(
                    "The from object must be provided for every email send. It is an object that requires the email "
                        + "parameter, but may also contain a name parameter.  e.g. {\"email\" : "
                        + "\"example@example.com\"}  or {\"email\" : \"example@example.com\", \"name\" : \"Example "
                        + "Recipient\"}.", field: "from.email", anchor: "message.from"))
        }
        let everyOneHasSubject = personalizations?.allSatisfy { !($0.subject ?? "").isEmpty } ?? false
        if (subject ?? "").isEmpty && !everyOneHasSubject && templateID == nil {
            problems.append(
                SendGridError(
                    "The subject is required. You can get around this requirement if you use a template with a "
                        + "subject defined or if every personalization has a subject defined.", field: "subject",
                    anchor: "message.subject"))
        }
        return problems
    }

    private var contentProblems: [SendGridError] {
        guard let content, !content.isEmpty else {
            if templateID != nil { return [] }
            return [
                SendGridError(
                    "Unless a valid template_id is provided, the content parameter is required. There must be at "
                        + "least one defined content block. We typically suggest both text/plain and text/html "
                        + "blocks are included, but only one block is required.", field: "content",
                    anchor: "message.content")
            ]
        }
        return content.enumerated().flatMap { index, block in block.problems(at: "content.\(index)") }
            + orderProblems(content.map { $0.type ?? "" })
    }

    private func orderProblems(_ types: [String]) -> [SendGridError] {
        let ranks = types.map { $0 == "text/plain" ? 0 : $0 == "text/html" ? 1 : 2 }
        var problems: [String] = []
        if ranks != ranks.sorted() {
            problems.append(
                "If present, text/plain must be first, followed by text/html, followed by any other content.")
        }
        if ranks.count(where: { $0 == 0 }) > 1 || ranks.count(where: { $0 == 1 }) > 1 {
            problems.append("If present, text/plain and text/html may only be provided once.")
        }
        return problems.map { SendGridError($0, field: "content", anchor: "message.content.type") }
    }

    private var attachmentProblems: [SendGridError] {
        (attachments ?? []).enumerated().flatMap { index, attachment in
            var problems: [SendGridError] = []
            if Data(base64Encoded: attachment.content ?? "")?.isEmpty ?? true {
                problems.append(
                    SendGridError(
                        "The attachment content must be base64 encoded.", field: "attachments.\(index).content",
                        anchor: "message.attachments.content"))
            }
            if (attachment.filename ?? "").isEmpty {
                problems.append(
                    SendGridError(
                        "The filename must be a string at least one character in length.",
                        field: "attachments.\(index).filename", anchor: "message.attachments.filename"))
            }
            return problems
        }
    }
}

extension Mail.Personalization {
    fileprivate func problems(at path: String) -> [SendGridError] {
        guard let to, !to.isEmpty else {
            return [
                SendGridError(
                    "The to array is required for all personalization objects, and must have at least one email "
                        + "object with a valid email address.", field: "\(path).to",
                    anchor: "message.personalizations.to")
            ]
        }
        var problems: [SendGridError] = []
        var seen: Set<String> = []
        for (name, addresses) in [("to", to), ("cc", cc ?? []), ("bcc", bcc ?? [])] {
            for (index, address) in addresses.enumerated() {
                let email = address.email ?? ""
                if !Mail.Address.isValid(email) {
                    problems.append(
                        SendGridError(
                            "Does not contain a valid address.", field: "\(path).\(name).\(index).email",
                            anchor: "message.personalizations.\(name)"))
                } else if !seen.insert(email.lowercased()).inserted {
                    problems.append(
                        SendGridError(
                            "Each email address in the personalization block should be unique between to, cc, and "
                                + "bcc. We found the first duplicate instance of [\(email)] in the \(path).\(name) "
                                + "field.", field: path, anchor: "message.recipient-errors"))
                }
            }
        }
        return problems
    }
}

extension Mail.Content {
    fileprivate func problems(at path: String) -> [SendGridError] {
        [("type", type), ("value", value)].compactMap { name, text in
            guard (text ?? "").isEmpty else { return nil }
            return SendGridError(
                "The content \(name) must be a string at least one character in length.", field: "\(path).\(name)",
                anchor: "message.content.\(name)")
        }
    }
}

extension Mail.Address {
    /// One `@` between something and a name of a host. SendGrid checks more; a test needs no more.
    static func isValid(_ email: String) -> Bool {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, email.allSatisfy({ !$0.isWhitespace && $0 != "," }) else {
            return false
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count > 1 && labels.allSatisfy { !$0.isEmpty }
    }
}
