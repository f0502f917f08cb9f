import JobRuntime
import JobTesting
import TestSupport

struct Charge: Job, Equatable {
    static let kind = "charge"

    let order: String
    let cents: Int
}

struct SendInvoices: Job {
    static let kind = "send-invoices"

    let until: Int64
}

let billing = JobQueue("billing")

/// A provider of payments that says what it is told to say.
final class Payments: Sendable {
    enum Answer: Sendable {
        case paid(id: String)
        case declined(reason: String)
        case tooManyRequests(wait: Duration)
        case closed(wait: Duration)
        case cutOff
    }

    private let answers: Locked<[Answer]>
    private let keysOrNil = Locked<[String?]>([])

    /// - Parameter answers: one after the other; then every charge is paid.
    init(_ answers: Answer...) { self.answers = Locked(answers) }

    /// The keys of the charges so far.
    var keys: [String?] { keysOrNil.value }

    func charge(_ cents: Int, key: String? = nil) async throws -> Answer {
        keysOrNil.update { $0.append(key) }
        return answers.update { $0.isEmpty ? .paid(id: "p-\(cents)") : $0.removeFirst() }
    }
}

extension JobHandlers {
    /// Runs charges with a closure.
    static func charges(
        policy: RetryPolicy = .standard,
        _ run: @escaping @Sendable (_ job: Charge, _ attempt: Attempt) async throws -> Outcome
    ) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(Charge.self, policy: policy, run: run)
        return handlers
    }
}

extension TestRuntime {
    /// Runs a charge until nothing more is to be done for it.
    ///
    /// - Returns: its state then.
    func outcome(of job: NewJob) async throws -> JobRecord.State? {
        try await enqueue(job)
        while await advanceToNextDue() != nil {}
        return record(of: job.id)?.state
    }
}
