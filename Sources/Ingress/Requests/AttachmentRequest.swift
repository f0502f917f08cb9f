import Messaging

/// An element of `attachments` as it was read: which of the two a message may have is its channel's matter.
enum AttachmentRequest: Equatable {
    /// The web address of media.
    case address(String)
    /// A file that goes with a mail.
    case file(File)
    /// Neither, which was reported. It keeps its place, so that the places of those after it are told right.
    case faulty

    /// Every member optional, each a string or reported as a fault.
    struct File: Equatable {
        enum Field: String, CaseIterable {
            case filename, type, content
        }

        var filename: String?
        var type: String?
        var content: String?
    }
}

extension JSONScanner {
    mutating func attachments(
        at path: String, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> [AttachmentRequest]? {
        guard try expect(.array, at: path, reportingTo: &faults) else { return nil }
        try beginArray()
        var attachments: [AttachmentRequest] = []
        while try nextElement() {
            // So many are too many for any channel; what more there is of them is of no interest.
            guard attachments.count <= max(MessageLimits.files, MessageLimits.media) else {
                try skipValue()
                continue
            }
            attachments.append(try attachment(at: path, String(attachments.count), reportingTo: &faults))
        }
        return attachments
    }

    private mutating func attachment(
        at path: String, _ element: String, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) -> AttachmentRequest {
        switch try peek() {
        case .string:
            return try text(at: path, element, reportingTo: &faults).map { .address($0) } ?? .faulty
        case .object:
            var file = AttachmentRequest.File()
            var inner = faults.inside(path, element)
            try members(of: AttachmentRequest.File.Field.self, reportingTo: &inner) {
                (field, scanner, faults) throws(JSONSyntaxError) in
                let text = try scanner.text(at: field.rawValue, reportingTo: &faults)
                switch field {
                case .filename: file.filename = text
                case .type: file.type = text
                case .content: file.content = text
                }
            }
            faults.add(inner)
            return .file(file)
        case let other:
            try skipValue()
            faults.add("must be a string or an object, not \(other.rawValue)", at: path, element)
            return .faulty
        }
    }
}
