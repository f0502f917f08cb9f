import Messaging
import NIOCore

/// The document of `POST /api/v1/messages/batch`: `{"messages": […]}`, each of them as one that is sent alone.
struct BatchRequest {
    static let most = 1000
    /// How many faults are listed of all its messages; of each that is wrong one at least.
    private static let mostFaults = 1000

    private enum Field: String, CaseIterable { case messages }

    private(set) var messages: [ReadMessage] = []

    /// - Parameter now: Unix milliseconds.
    init(_ document: ByteBuffer, now: Int64) throws(Problem) {
        var scanner = JSONScanner(document)
        var faults = Faults()
        var count: Int?
        do throws(JSONSyntaxError) {
            try scanner.members(of: Field.self, reportingTo: &faults) {
                (field, scanner, faults) throws(JSONSyntaxError) in
                guard try scanner.expect(.array, at: field.rawValue, reportingTo: &faults) else { return }
                count = try read(&scanner, now: now)
            }
            try scanner.finish()
        } catch {
            throw .malformed(error)
        }
        let path = Field.messages.rawValue
        if let count, !(1...Self.most).contains(count) {
            faults.add("must have 1 to \(Self.most) messages, not \(count)", at: path)
        } else if count == nil, faults.isEmpty {
            faults.add("is required", at: path)
        }
        guard faults.isEmpty else { throw .invalidBatch(faults) }
    }

    /// - Returns: how many there are. More than there may be are counted, and not looked at.
    private mutating func read(_ scanner: inout JSONScanner, now: Int64) throws(JSONSyntaxError) -> Int {
        var (count, listed) = (0, 0)
        try scanner.beginArray()
        while try scanner.nextElement() {
            defer { count += 1 }
            guard count < Self.most else {
                try scanner.skipValue()
                continue
            }
            let message = try scanner.message(
                base: "/messages/\(count)", now: now, limit: Self.mostFaults - listed)
            if case .invalid(let problem) = message { listed += problem.errors.count }
            messages.append(message)
        }
        return count
    }
}
