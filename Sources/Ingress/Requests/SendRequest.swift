import Messaging

/// The document of `POST /api/v1/messages/send` as it was read: every member optional, each of the right JSON type or
/// reported as a fault. What the members mean together is judged in `message(reportingTo:)`.
struct SendRequest: Equatable {
    /// The members that there may be. A further one needs a case here and a line in `read`.
    enum Field: String, CaseIterable {
        case from, to, type, body, attachments, subject, html, metadata
    }

    var from: String?
    var to: String?
    var type: Channel?
    var body: String?
    var attachments: [String]?
    var subject: String?
    var html: String?
    var metadata: [String: String]?

    init() {}

    /// Reads the next value of the scanner, in one pass, and reports everything in it that has no place there. A member
    /// that is null counts as absent.
    init(_ scanner: inout JSONScanner, reportingTo faults: inout Faults) throws(JSONSyntaxError) {
        guard try scanner.expect(.object, reportingTo: &faults) else { return }
        try scanner.beginObject()
        var seen: Set<Field> = []
        while let name = try scanner.nextKey() {
            guard let field = Field(rawValue: name) else {
                faults.add("is no known member; there are \(Self.names)", at: name)
                try scanner.skipValue()
                continue
            }
            guard seen.insert(field).inserted else {
                faults.add("must not appear more than once", at: name)
                try scanner.skipValue()
                continue
            }
            try read(field, from: &scanner, reportingTo: &faults)
        }
    }

    private static let names = Field.allCases.map(\.rawValue).joined(separator: ", ")

    private mutating func read(
        _ field: Field, from scanner: inout JSONScanner, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) {
        let path = field.rawValue
        switch field {
        case .from: from = try scanner.text(at: path, reportingTo: &faults)
        case .to: to = try scanner.text(at: path, reportingTo: &faults)
        case .body: body = try scanner.text(at: path, reportingTo: &faults)
        case .subject: subject = try scanner.text(at: path, reportingTo: &faults)
        case .html: html = try scanner.text(at: path, reportingTo: &faults)
        case .attachments: attachments = try scanner.texts(at: path, reportingTo: &faults)
        case .metadata: metadata = try scanner.textMembers(at: path, reportingTo: &faults)
        case .type:
            guard let name = try scanner.text(at: path, reportingTo: &faults) else { return }
            type = Channel(rawValue: name)
            if type == nil {
                faults.add("must be one of \(Channel.allCases.map(\.rawValue).joined(separator: ", "))", at: path)
            }
        }
    }
}
