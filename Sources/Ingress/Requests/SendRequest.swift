import JobRuntime
import Messaging

/// The document of `POST /api/v1/messages/send` as it was read: every member optional, each of the right JSON type or
/// reported as a fault. What the members mean together is judged in `submission(now:reportingTo:)`.
struct SendRequest: Equatable {
    /// The members that there may be. A further one needs a case here and a line in `read`.
    enum Field: String, CaseIterable {
        case from, to, type, body, attachments, subject, html, priority, metadata
        case sendAt = "send_at"
        case expiresAt = "expires_at"
        case statusCallback = "status_callback"
        case onAmbiguous = "on_ambiguous"
    }

    var from: String?
    var to: String?
    var type: Channel?
    var body: String?
    var attachments: [AttachmentRequest]?
    var subject: String?
    var html: String?
    var priority: Lane?
    /// Unix milliseconds, as ``expiresAt``.
    var sendAt: Int64?
    var expiresAt: Int64?
    var statusCallback: String?
    var onAmbiguous: OnAmbiguous?
    var metadata: [String: String]?

    init() {}

    /// Reads the next value of the scanner. A member that is null counts as absent.
    init(_ scanner: inout JSONScanner, reportingTo faults: inout Faults) throws(JSONSyntaxError) {
        try scanner.members(of: Field.self, reportingTo: &faults) {
            (field, scanner, faults) throws(JSONSyntaxError) in
            try read(field, from: &scanner, reportingTo: &faults)
        }
    }

    private mutating func read(
        _ field: Field, from scanner: inout JSONScanner, reportingTo faults: inout Faults
    ) throws(JSONSyntaxError) {
        let path = field.rawValue
        switch field {
        case .from: from = try scanner.text(at: path, reportingTo: &faults)
        case .to: to = try scanner.text(at: path, reportingTo: &faults)
        case .type: type = try scanner.choice(at: path, reportingTo: &faults)
        case .body: body = try scanner.text(at: path, reportingTo: &faults)
        case .attachments: attachments = try scanner.attachments(at: path, reportingTo: &faults)
        case .subject: subject = try scanner.text(at: path, reportingTo: &faults)
        case .html: html = try scanner.text(at: path, reportingTo: &faults)
        case .priority: priority = try scanner.choice(at: path, reportingTo: &faults)
        case .sendAt: sendAt = try scanner.moment(at: path, reportingTo: &faults)
        case .expiresAt: expiresAt = try scanner.moment(at: path, reportingTo: &faults)
        case .statusCallback: statusCallback = try scanner.text(at: path, reportingTo: &faults)
        case .onAmbiguous: onAmbiguous = try scanner.choice(at: path, reportingTo: &faults)
        case .metadata: metadata = try scanner.textMembers(at: path, reportingTo: &faults)
        }
    }
}
