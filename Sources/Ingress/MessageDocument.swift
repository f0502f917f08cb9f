public import JobRuntime
public import NIOCore

/// How messages come in that nobody posts.
public enum MessageDocument {
    /// The job of a message that was written down some time ago: read as the body of `POST /api/v1/messages/send` is.
    ///
    /// - Parameters:
    ///   - id: of the job. Its time is when the message was written: `send_at` and `expires_at` are judged by that, so
    ///     that a message that had to wait is not wrong for it.
    /// - Throws: what is wrong with it, in its description.
    public static func job(_ document: ByteBuffer, id: JobID) throws -> NewJob {
        do throws(Problem) {
            var job = try SendRoute.submission(of: document, now: id.milliseconds).job
            job.id = id
            return job
        } catch {
            throw MessageFault(error)
        }
    }
}

/// What is wrong with a message.
private struct MessageFault: Error, CustomStringConvertible {
    let description: String

    init(_ problem: Problem) {
        description = problem.errors.map { fault in
            fault.pointer.isEmpty ? fault.detail : "\(fault.pointer) \(fault.detail)"
        }.joined(separator: "; ")
    }
}
