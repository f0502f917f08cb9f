import JobRuntime
import Testing

@testable import Operations

/// What is said of things that were to be done.
@Suite struct OutcomeReportTests {
    private let id = JobID()

    // MARK: Dead letters

    private func tally(_ change: (inout DeadLetters.Tally) -> Void) -> ClearReport {
        var tally = DeadLetters.Tally()
        change(&tally)
        return ClearReport("work", "redriven", tally)
    }

    @Test func whateverBecameOfALetterIsCounted() throws {
        #expect("\(tally { _ in })" == "work: no dead letter matches")
        #expect("\(tally { ($0.matched, $0.done) = (3, 3) })" == "work: 3 of 3 redriven")
        let all = tally {
            $0.matched = 10; $0.done = 4; $0.held = 3; $0.notRedrivable = 2; $0.gone = 1
        }
        #expect(
            "\(all)" == "work: 4 of 10 redriven; 3 left because they may have been sent (--include-unknown); "
                + "2 left because too little is left of them; 1 gone meanwhile")
        #expect(
            try JSONText.line(all)
                == #"{"done":4,"gone":1,"held":3,"matched":10,"not_redrivable":2,"queue":"work"}"#)
    }

    // MARK: Cancelling

    @Test(arguments: [
        (Cancellation.canceled, true, "canceled", "is canceled"),
        (.running, false, "running", "is being run, and cannot be taken back"),
        (.ended(state: "dead"), false, "dead", "had ended before: dead"),
        (.notFound, false, "not_found", "is not known"),
    ])
    func whatBecameOfTheWishToCancel(
        cancellation: Cancellation, isCanceled: Bool, state: String, text: String
    ) throws {
        let report = CancelReport(id, cancellation)
        #expect(report.isCanceled == isCanceled)
        #expect("\(report)" == "\(id) \(text)")
        #expect(try JSONText.line(report) == #"{"canceled":\#(isCanceled),"id":"\#(id)","state":"\#(state)"}"#)
    }

    @Test func whatWasCanceledBeforeWasNotCanceledNow() {
        let report = CancelReport(id, .ended(state: "canceled"))
        #expect(!report.isCanceled)
        #expect("\(report)" == "\(id) had ended before: canceled")
    }

    // MARK: Resolving

    @Test(arguments: [
        (JobExplanation.State.succeeded, true, true, "counts as sent"),
        (.succeeded, false, false, "is not held as unknown, and stays as it is: succeeded"),
        (.waiting, true, false, "is not held as unknown, and stays as it is: waiting"),
        (.notFound, false, false, "is not known"),
    ])
    func whatBecameOfAPersonsWord(
        state: JobExplanation.State, wasReported: Bool, isResolved: Bool, text: String
    ) throws {
        let report = ResolveReport(id, state, wasReported: wasReported)
        #expect(report.isResolved == isResolved)
        #expect("\(report)" == "\(id) \(text)")
        #expect(
            try JSONText.line(report) == #"{"id":"\#(id)","resolved":\#(isResolved),"state":"\#(state.rawValue)"}"#)
    }

    // MARK: Reclaiming

    @Test func whatBecameOfTheWishToTakeOver() throws {
        var reclamation = Reclamation(queue: "work")
        #expect(reclamation.sentence.hasPrefix("work: there was nothing to take over; "))
        reclamation.handedBack = 5
        reclamation.consumers = ["a", "b"]
        #expect(reclamation.sentence == "work: 5 of a, b can be taken at once")
        reclamation.lost = 2
        #expect(reclamation.sentence.hasSuffix("; 2 had been deleted from the stream and are lost"))
        #expect(
            try JSONText.line(reclamation) == #"{"consumers":["a","b"],"handed_back":5,"lost":2,"queue":"work"}"#)
    }
}
