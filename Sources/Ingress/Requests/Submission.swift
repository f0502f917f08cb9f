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
    /// Whose message it is; nil: nobody's in particular.
    var tenant: String?

    var job: NewJob {
        NewJob(
            queue: message.channel.queue, kind: message.channel.rawValue, payload: payload, lane: lane,
            start: sendAt.map { .at($0) } ?? .now, expiresAt: expiresAt)
    }

    /// What a job's record does not keep stands beside the members of the message.
    private var payload: ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        message.writeMembers(to: &writer)
        writeTimes(to: &writer)
        if let tenant { writer.member("tenant", tenant) }
        writer.endObject()
        return writer.buffer
    }

    func writeTimes(to writer: inout JSONWriter) {
        if let sendAt { writer.member("send_at", time: sendAt) }
        if let expiresAt { writer.member("expires_at", time: expiresAt) }
    }
}

extension Messaging.Channel {
    /// Made once: a queue's name is judged when it is made.
    private static let queues = Dictionary(uniqueKeysWithValues: allCases.map { ($0, JobQueue($0.queueName)) })

    var queue: JobQueue { Self.queues[self] ?? JobQueue(queueName) }
}
