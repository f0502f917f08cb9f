/// What somebody else says of a job, while it runs or after its end: a provider's word that a message has arrived.
public struct JobReport: Sendable, Equatable {
    /// In one word: `delivered`.
    public var name: String
    /// A job shows the report of the highest rank, in whatever order they come.
    public var rank: Int
    /// More of it, a JSON document.
    public var detail: String?
    /// Of two reports with the same token the second is a repetition. One of more than 200 bytes is told by its hash. A
    /// job's record remembers something under 200 tokens; a repetition of a later one counts as a report of its own.
    public var token: String
    /// Whether it proves that the job had its effect: one that is held as `unknown`, now or later, is then done, with
    /// ``detail`` as its result.
    public var provesEffect: Bool

    public init(name: String, rank: Int, detail: String? = nil, token: String, provesEffect: Bool = false) {
        self.name = name
        self.rank = rank
        self.detail = detail
        self.token = token
        self.provesEffect = provesEffect
    }

    /// What became of a report.
    public enum Reception: String, Sendable, Equatable {
        /// The job shows it now.
        case applied
        /// The job shows one of the same rank or a higher one.
        case outranked
        /// It was told before.
        case duplicate
        /// There is no record of the job (any more).
        case notFound = "not_found"
    }
}
