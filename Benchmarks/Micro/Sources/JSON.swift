import Benchmark
import NIOCore

@testable import Ingress
@testable import JobRuntime

/// The documents of a send, and what travels with a job.
func registerJSON() {
    registerSend("an sms", sms)
    registerSend("a mail with 10 KiB of HTML", mail)

    var meta = JobMeta(lane: .high, expiresAt: now + 60_000)
    meta.trace = ["traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
    Benchmark("JSON: write a job's meta", configuration: .tiny) { benchmark in
        benchmark.measure { for _ in benchmark.scaledIterations { blackHole(meta.json) } }
    }
    let written = ByteBuffer(string: meta.json)
    Benchmark("JSON: read a job's meta", configuration: .tiny) { benchmark in
        benchmark.measure { for _ in benchmark.scaledIterations { blackHole(JobMeta(json: written)) } }
    }
}

/// The ingress's part but for HTTP and the queue: the document is read and judged, the job and the answer are made.
private func registerSend(_ what: String, _ text: String) {
    let document = ByteBuffer(string: text)
    Benchmark("JSON: read and judge \(what)", configuration: .tiny) { benchmark in
        try benchmark.measure {
            for _ in benchmark.scaledIterations { blackHole(try SendRoute.submission(of: document, now: now)) }
        }
    }
    Benchmark("JSON: write the job of \(what)", configuration: .tiny) { benchmark in
        let submission = try SendRoute.submission(of: document, now: now)
        benchmark.measure { for _ in benchmark.scaledIterations { blackHole(submission.job) } }
    }
    Benchmark("JSON: write the answer to \(what)", configuration: .tiny) { benchmark in
        let submission = try SendRoute.submission(of: document, now: now)
        let receipt = Receipt(id: JobID(), enqueuedAt: now)
        benchmark.measure {
            for _ in benchmark.scaledIterations { blackHole(MessageView.accepted(submission, receipt: receipt)) }
        }
    }
}

/// Unix milliseconds.
private let now: Int64 = 1_800_000_000_000

private let sms = """
    {"type": "sms", "from": "+15551234567", "to": "+15559876543", "body": "Your code is 123456",
     "metadata": {"order": "1234"}}
    """

private let mail = """
    {"type": "email", "from": "shop@example.com", "to": "customer@example.org", "subject": "Your order",
     "body": "It is on its way", "html": "\(String(repeating: "<p class=\\\"text\\\">on its way</p>", count: 330))"}
    """
