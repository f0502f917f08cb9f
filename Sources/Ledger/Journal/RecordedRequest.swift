import JobRuntime
import NIOCore

/// What a message's request is known by, as the journal's row has it: the member `idempotency` of its content.
struct RecordedRequest: Codable, Equatable {
    static let member = "idempotency"

    /// Hexadecimal digits.
    var key: String
    var fingerprint: String
    /// Unix milliseconds.
    var expires: Int64

    init(_ idempotency: NewJob.Idempotency, at now: Int64) {
        key = idempotency.key
        fingerprint = idempotency.fingerprint
        expires = now + Int64(idempotency.life / .milliseconds(1))
    }

    /// What is left of it; nil: nothing.
    func idempotency(at now: Int64) -> NewJob.Idempotency? {
        guard expires > now else { return nil }
        return NewJob.Idempotency(key: key, fingerprint: fingerprint, life: .milliseconds(expires - now))
    }

    /// - Parameter payload: an object that is not empty. One that ends otherwise is left as it is.
    func added(to payload: ByteBuffer) -> ByteBuffer {
        guard key.isPlain, fingerprint.isPlain, payload.readableBytesView.last == UInt8(ascii: "}") else {
            return payload
        }
        var longer = payload
        longer.moveWriterIndex(to: longer.writerIndex - 1)
        longer.writeString(
            #","\#(Self.member)":{"key":"\#(key)","fingerprint":"\#(fingerprint)","expires":\#(expires)}}"#)
        return longer
    }
}

extension String {
    /// Whether it is itself in JSON.
    fileprivate var isPlain: Bool {
        utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}
