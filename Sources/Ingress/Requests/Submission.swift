import JobRuntime
import Messaging
import NIOCore

/// A message as a client wants it: what is to be sent, when, and how urgent it is.
struct Submission: Sendable, Equatable {
    var message: Message
    var lane = Lane.normal
    /// Unix milliseconds, as ``expiresAt``.
    var sendAt: Int64?
    var expiresAt: Int64?

    var job: NewJob {
        NewJob(
            queue: JobQueue(message.channel.queueName), kind: message.channel.rawValue, payload: payload, lane: lane,
            start: sendAt.map { .at($0) } ?? .now, expiresAt: expiresAt)
    }

    /// The times stand beside the members of the message, since a job's record does not keep them.
    private var payload: ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        message.writeMembers(to: &writer)
        writeTimes(to: &writer)
        writer.endObject()
        return writer.buffer
    }

    func writeTimes(to writer: inout JSONWriter) {
        if let sendAt { writer.member("send_at", time: sendAt) }
        if let expiresAt { writer.member("expires_at", time: expiresAt) }
    }
}
