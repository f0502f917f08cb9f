/// A rule that a run has broken.
struct Violation: Sendable {
    /// The job's number; nil when it is about none.
    var job: Int?
    var what: String
}
