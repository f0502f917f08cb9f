import JobRuntime
import TestSupport

/// What the producers were told of each job, by number.
final class Admissions: Sendable {
    enum Admission: Sendable, Equatable {
        case accepted
        /// Kept out by another job.
        case duplicate(of: JobID)
        /// It certainly was not enqueued.
        case refused
        case uncertain
    }

    enum CancelAnswer: Sendable, Equatable {
        case answered(Cancellation)
        /// It may have been cancelled.
        case uncertain
    }

    private let admissions = Locked<[Int: Admission]>([:])
    private let answers = Locked<[Int: CancelAnswer]>([:])
    private let refusals = Locked(0)
    private let uncertainties = Locked<Set<Int>>([])

    var all: [Int: Admission] { admissions.value }
    var cancellations: [Int: CancelAnswer] { answers.value }
    /// How often a job was refused, again and again among them.
    var refused: Int { refusals.value }

    /// The jobs of which it was not certain at some time whether they were enqueued.
    var uncertain: Set<Int> { uncertainties.value }

    subscript(number: Int) -> Admission? { admissions.value[number] }

    func note(_ result: Result<Receipt, EnqueueError>, of plan: JobPlan) {
        let admission: Admission =
            switch result {
            case .success(let receipt) where receipt.isDuplicate && receipt.id != plan.id: .duplicate(of: receipt.id)
            // A duplicate of itself: an earlier call, which was not sure, has enqueued it.
            case .success: .accepted
            case .failure(.uncertain): .uncertain
            case .failure(.unavailable), .failure(.full), .failure(.conflict): .refused
            }
        if admission == .uncertain { uncertainties.update { _ = $0.insert(plan.number) } }
        if admission == .refused { refusals.update { $0 += 1 } }
        admissions.update { all in
            switch (all[plan.number], admission) {
            // What is known stays known.
            case (.accepted, _), (.uncertain, .refused), (.uncertain, .uncertain): break
            default: all[plan.number] = admission
            }
        }
    }

    func note(_ answer: CancelAnswer, ofCancelling plan: JobPlan) {
        answers.update { $0[plan.number] = answer }
    }
}
