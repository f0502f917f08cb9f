import Messaging
public import NIOCore

/// How a process does, in parts: what `/health` or `/ready` answers.
public struct StatusReport: Sendable, Equatable {
    /// What was looked at, and what is wrong with it.
    public struct Check: Sendable, Equatable {
        public var name: String
        /// A sentence; nil: nothing is wrong.
        public var fault: String?

        public init(_ name: String, fault: String? = nil) {
            self.name = name
            self.fault = fault
        }
    }

    public var checks: [Check]

    public init(_ checks: [Check]) { self.checks = checks }

    public var isGood: Bool { checks.allSatisfy { $0.fault == nil } }

    /// In the shape in which the ingress answers, too.
    ///
    /// - Parameters:
    ///   - status: the word for how it is.
    ///   - time: Unix milliseconds.
    public func document(_ status: String, at time: Int64) -> ByteBuffer {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("status", status)
        writer.member("timestamp", time: time)
        writer.key("checks")
        writer.beginObject()
        for check in checks {
            writer.key(text: check.name)
            writer.beginObject()
            writer.member("status", check.fault == nil ? "ok" : "failed")
            if let fault = check.fault { writer.member("error", fault) }
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }
}
