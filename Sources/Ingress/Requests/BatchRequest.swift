import Messaging
import NIOCore

/// The document of `POST /api/v1/messages/batch`: `{"messages": […]}`, each of them as one that is sent alone.
struct BatchRequest {
    static let most = 1000

    private enum Field: String, CaseIterable { case messages }

    /// Each message, or what is wrong with it.
    private(set) var messages: [Result<Submission, Problem>] = []

    /// - Parameter now: Unix milliseconds.
    init(_ document: ByteBuffer, now: Int64) throws(Problem) {
        var scanner = JSONScanner(document)
        var faults = Faults()
        var found: [Result<Submission, Problem>]?
        do throws(JSONSyntaxError) {
            try scanner.members(of: Field.self, reportingTo: &faults) {
                (field, scanner, faults) throws(JSONSyntaxError) in
                guard try scanner.expect(.array, at: field.rawValue, reportingTo: &faults) else { return }
                found = try scanner.messages(now: now)
            }
            try scanner.finish()
        } catch {
            throw .malformed(error)
        }
        let path = Field.messages.rawValue
        if let count = found?.count, !(1...Self.most).contains(count) {
            faults.add("must have 1 to \(Self.most) messages, not \(count)", at: path)
        } else if found == nil, faults.isEmpty {
            faults.add("is required", at: path)
        }
        guard faults.isEmpty, let found else { throw .invalidBatch(faults) }
        messages = found
    }
}

extension JSONScanner {
    /// Reads an array of messages, each to the end whatever is wrong with it.
    fileprivate mutating func messages(now: Int64) throws(JSONSyntaxError) -> [Result<Submission, Problem>] {
        try beginArray()
        var messages: [Result<Submission, Problem>] = []
        while try nextElement() {
            // More than there may be are counted, and not looked at.
            guard messages.count < BatchRequest.most else {
                try skipValue()
                messages.append(.failure(.noMessageID))
                continue
            }
            messages.append(try message(base: "/messages/\(messages.count)", now: now))
        }
        return messages
    }

    /// Reads one message, which begins here.
    ///
    /// - Parameter base: where it lies in its document.
    mutating func message(base: String = "", now: Int64) throws(JSONSyntaxError) -> Result<Submission, Problem> {
        var faults = Faults(base: base)
        let request = try SendRequest(&self, reportingTo: &faults)
        // A document that is no object at all has that one fault, not that of missing members as well.
        guard !faults.concern(), let submission = request.submission(now: now, reportingTo: &faults) else {
            return .failure(.invalid(faults))
        }
        return .success(submission)
    }
}
