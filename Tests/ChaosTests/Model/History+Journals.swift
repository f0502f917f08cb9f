import JobRuntime

@testable import chaos_worker

extension History {
    /// Takes in what a worker wrote down. A line that a kill has torn is the last, and says nothing.
    mutating func read(_ journal: String, of worker: Worker) {
        var worker = worker
        var open: [Int: Run] = [:]
        var closed: [Run] = []
        for text in journal.split(separator: "\n") {
            guard let line = JournalLine(String(text)) else { continue }
            switch line {
            case .worker(let consumer): worker.consumer = consumer
            case .begin(let number, let at, let job, let attempt, let snoozes, let deliveries):
                guard let job = JobID(job) else { continue }
                worker.lastSeen = at
                open[number] = Run(
                    worker: workers.count, job: job, attempt: attempt, snoozes: snoozes, deliveries: deliveries,
                    begin: at)
            case .end(let number, let at, let word):
                worker.lastSeen = at
                guard var run = open.removeValue(forKey: number) else { continue }
                (run.end, run.word) = (at, word)
                closed.append(run)
            case .hiccup(let from, let to): worker.hiccups.append(from...to)
            case .counts(let at, let tally): (worker.lastSeen, worker.tally) = (at, tally)
            case .left(let at): (worker.lastSeen, worker.hasLeft) = (at, true)
            }
        }
        workers.append(worker)
        for run in closed + open.values { runs[run.job, default: []].append(run) }
    }

    /// To be called when all journals are read.
    mutating func sortRuns() {
        for job in runs.keys { runs[job]?.sort { $0.begin < $1.begin } }
    }
}
