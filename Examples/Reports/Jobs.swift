import JobRuntime

/// A report on what a region has sold in a month.
struct RenderReport: Job {
    /// Names this kind of job in Redis, so it stays as it is when the type is renamed.
    static let kind = "render-report"

    let region: String
    let month: String
}

/// Says how many reports there are; enqueued again and again.
struct CountReports: Job {
    static let kind = "count-reports"
}

extension JobQueue {
    static let reports = JobQueue("reports")
}

/// Where reports are kept: by name, so that a report that is rendered twice is kept once.
actor Archive {
    private var reports: [String: String] = [:]

    var count: Int { reports.count }

    func keep(_ text: String, as name: String) { reports[name] = text }
}
