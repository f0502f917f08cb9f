import Crypto
import HTTPTypes
import Hummingbird
import JobRuntime
import NIOCore

/// The `Idempotency-Key` of a request: all requests that bear it, for a day, are one.
///
/// Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
struct IdempotencyKey: Sendable, Equatable {
    /// In characters.
    static let longest = 255
    static let life: Duration = .seconds(86_400)

    let text: String

    /// nil: the request has none.
    init?(_ request: Request) throws(Problem) {
        let values = request.headers[values: .idempotencyKey]
        guard let text = values.first else { return nil }
        guard values.count == 1, (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .badIdempotencyKey }
        self.text = text
    }

    /// What makes a job the only one of this key: of two tenants' keys that read the same each is its own, and so is
    /// each message of a batch.
    ///
    /// - Parameter index: the message's place in its batch.
    func claim(_ job: NewJob, tenant: String?, index: Int? = nil) -> NewJob.Idempotency {
        var key = SHA256()
        key.update(tenant ?? "", "\n", text)
        if let index { key.update("\n\(index)") }
        var fingerprint = SHA256()
        // The payload is written anew of what was read: order and spaces of the request make no difference.
        fingerprint.update(job.queue.name, "\n", job.meta.lane.rawValue, "\n")
        fingerprint.update(data: job.payload.readableBytesView)
        return NewJob.Idempotency(
            key: key.finalize().hexadecimal(32), fingerprint: fingerprint.finalize().hexadecimal(16), life: Self.life)
    }
}

extension SHA256 {
    fileprivate mutating func update(_ texts: String...) {
        for var text in texts { text.withUTF8 { update(bufferPointer: UnsafeRawBufferPointer($0)) } }
    }
}

extension SHA256Digest {
    /// So many of its bytes, as hexadecimal digits.
    fileprivate func hexadecimal(_ count: Int) -> String {
        String(unsafeUninitializedCapacity: 2 * count) { text in
            for (index, byte) in prefix(count).enumerated() {
                for (offset, digit) in [byte >> 4, byte & 0xF].enumerated() {
                    text[2 * index + offset] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                }
            }
            return 2 * count
        }
    }
}
