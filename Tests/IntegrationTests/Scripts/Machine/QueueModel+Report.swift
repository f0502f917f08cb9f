@testable import JobRuntime

// What somebody else says of a job.
extension QueueModel {
    mutating func report(_ report: JobReport, of number: Int) -> JobReport.Reception {
        let fields = records[number]?.fields
        let said = "said:\(report.token)"
        if fields?[said] != nil { return .duplicate }
        func event(_ type: String, _ more: [String: String]) {
            let start = [
                "type": type, "id": "\(number)", "queue": fields == nil ? "" : "work",
                "attempt": fields?["attempt"] ?? "0", "at": Self.some,
            ]
            // Of an untracked job, too.
            if keepsEvents { events.append(start.merging(more) { $1 }) }
        }
        let detail = report.detail ?? ""
        event("reported", ["name": report.name, "rank": "\(report.rank)", "token": report.token, "result": detail])
        guard let fields else { return .notFound }
        set(number, [said: Self.some])
        if report.provesEffect, fields["proof"] == nil { set(number, ["proof": detail]) }
        if report.provesEffect, ["unknown", "dead"].contains(fields["state"]) {
            dead.removeAll { $0.job == number }
            for name in ["reason", "error", "elapsed", "dropped"] { records[number]?.fields[name] = nil }
            set(number, ["state": "done", "settled": Self.some, "result": detail])
            records[number]?.expires = true
            event("succeeded", ["result": detail])
        }
        if let rank = fields["report_rank"].flatMap({ Int($0) }), rank >= report.rank { return .outranked }
        set(
            number,
            [
                "report": report.name, "report_rank": "\(report.rank)", "report_at": Self.some,
                "report_detail": detail,
            ])
        return .applied
    }
}
