import Messaging

extension SendRequest {
    /// What a message goes with: an mms with media on the web, a mail with files, the others with nothing.
    func attachments(
        of channel: Channel, _ faults: inout Faults
    ) -> (addresses: [String], files: [Email.Attachment]) {
        let path = Field.attachments.rawValue
        let attachments = attachments ?? []
        switch channel {
        case .mms:
            if attachments.isEmpty, !faults.concern(path) {
                faults.add("must have at least one URL in an mms", at: path)
            }
            return (addresses(in: attachments, &faults), [])
        case .email:
            return ([], files(in: attachments, &faults))
        case .sms, .webhook:
            if !attachments.isEmpty {
                faults.add("must be absent or empty: only an sms, mms or email carries attachments", at: path)
            }
            return ([], [])
        }
    }

    private func addresses(in attachments: [AttachmentRequest], _ faults: inout Faults) -> [String] {
        let path = Field.attachments.rawValue
        if attachments.count > MessageLimits.media {
            faults.add("must have at most \(MessageLimits.media) URLs", at: path)
            return []
        }
        var addresses: [String] = []
        for (index, attachment) in attachments.enumerated() {
            switch attachment {
            case .address(let url):
                addresses.append(url)
                if let detail = WebAddress.fault(in: url) { faults.add(detail, at: path, String(index)) }
            case .file:
                faults.add("must be a string, the URL of media: only an email carries files", at: path, String(index))
            case .faulty: break
            }
        }
        return addresses
    }

    private func files(in attachments: [AttachmentRequest], _ faults: inout Faults) -> [Email.Attachment] {
        let path = Field.attachments.rawValue
        if attachments.count > MessageLimits.files {
            faults.add("must have at most \(MessageLimits.files) files", at: path)
            return []
        }
        var (files, size) = ([Email.Attachment](), 0)
        for (index, attachment) in attachments.enumerated() {
            switch attachment {
            case .address:
                faults.add(
                    "must be an object: a file with filename, type and content, its base64", at: path, String(index))
            case .file(let file):
                guard let (file, bytes) = file.checked(at: path, String(index), &faults) else { continue }
                files.append(file)
                size += bytes
            case .faulty: break
            }
        }
        if size > MessageLimits.fileBytes {
            faults.add("must have at most \(MessageLimits.fileBytes) bytes in all files together", at: path)
        }
        return files
    }
}

extension AttachmentRequest.File {
    /// The file and how many bytes it has, if nothing is wrong with it.
    fileprivate func checked(
        at path: String, _ element: String, _ faults: inout Faults
    ) -> (file: Email.Attachment, bytes: Int)? {
        let bytes = content.flatMap { Base64.size(of: $0) }
        let details: [(Field, value: String?, fault: String?)] = [
            (.filename, filename, filename.flatMap(Self.fault(inName:))),
            (.type, type, type.flatMap { Self.isMediaType($0) ? nil : "must be a media type such as application/pdf" }),
            (.content, content, (bytes ?? 0) > 0 ? nil : "must be base64 without line breaks, of one byte at least"),
        ]
        for (field, value, fault) in details where !faults.concern(path, element, field.rawValue) {
            if let detail = value == nil ? "is required" : fault {
                faults.add(detail, at: path, element, field.rawValue)
            }
        }
        guard let filename, let type, let content, let bytes else { return nil }
        return (Email.Attachment(filename: filename, type: type, content: content), bytes)
    }

    private static func fault(inName name: String) -> String? {
        if name.isEmpty || MessageLimits.exceeds(name, MessageLimits.filename) {
            return "must have 1 to \(MessageLimits.filename) characters"
        }
        return SendRequest.hasControlCharacter(name) || name.utf8.contains { "/\\".utf8.contains($0) }
            ? "must not contain slashes, line breaks or other control characters" : nil
    }

    /// `type/subtype`, two tokens (RFC 2045 section 5.1); SendGrid takes no parameters.
    private static func isMediaType(_ type: String) -> Bool {
        let parts = type.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...127).contains(part.count)
                    && part.allSatisfy { (0x21...0x7E).contains($0) && !"()<>@,;:\\\"[]?=".utf8.contains($0) }
            }
    }
}
