/// The statuses that a message goes through, spread evenly over the time from its creation to its end.
struct TwilioLifecycle: Sendable {
    struct Step: Sendable, Equatable {
        var status: String
        var errorCode: Int?
    }

    let steps: [Step]

    init(isScheduled: Bool, byService: Bool, ending: Aftermath.Ending?) {
        // The simulator does not wait for the time of what is scheduled.
        var statuses = isScheduled ? ["scheduled"] : (byService ? ["accepted"] : []) + ["queued", "sending"]
        var errorCode: Int?
        if !isScheduled {
            switch ending?.status {
            case .failed:
                statuses += ["failed"]
                errorCode = ending?.code ?? 30008
            case .undelivered:
                statuses += ["sent", "undelivered"]
                errorCode = ending?.code ?? 30003
            case .sent: statuses += ["sent"]
            // What else there is, is Vonage's.
            default: statuses += ["sent", "delivered"]
            }
        }
        var steps = statuses.map { Step(status: $0) }
        steps[steps.count - 1].errorCode = errorCode
        self.steps = steps
    }

    /// The index of the step reached.
    ///
    /// - Parameters:
    ///   - elapsed: since the creation, in seconds.
    ///   - total: from the creation to the end, in seconds.
    func reached(after elapsed: Double, of total: Double) -> Int {
        let last = steps.count - 1
        if elapsed <= 0 { return 0 }
        return elapsed >= total ? last : min(last, Int(elapsed / total * Double(last)))
    }

    /// When a step is reached, in seconds since the creation.
    func time(of index: Int, total: Double) -> Double {
        steps.count < 2 ? 0 : total * Double(index) / Double(steps.count - 1)
    }
}
