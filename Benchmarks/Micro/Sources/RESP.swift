import Benchmark
import Foundation
import NIOCore

@testable import Redis

/// Redis's protocol: replies read, commands written.
func registerRESP() {
    registerReading("a delivery of 100 jobs", delivery(of: 100))
    registerReading("an integer", ":1\r\n", configuration: .tiny)
    registerReading("a bulk of 1 MiB", bulk(String(repeating: "x", count: 1 << 20)))

    let script = RedisScript(name: "settle", source: "return 1")
    let entries = (0..<100).map { "1800000000000-\($0)" }
    Benchmark("RESP: write a script call with 100 entry ids") { benchmark in
        benchmark.measure {
            var call = ScriptCall(script)
            for key in ["sms", "message_events", "posthaste:tail", "sms:dead", "sms:retry"] { call.key(key) }
            call.argument(entries.count)
            for entry in entries { call.argument(entry) }
            var buffer = ByteBuffer()
            call.command(byDigest: true).write(to: &buffer)
            blackHole(buffer)
        }
    }
}

private func registerReading(
    _ what: String, _ reply: String, configuration: Benchmark.Configuration = Benchmark.defaultConfiguration
) {
    let bytes = ByteBuffer(string: reply)
    Benchmark("RESP: read \(what)", configuration: configuration) { benchmark in
        var reader = try ReplyReader()
        try benchmark.measure {
            for _ in benchmark.scaledIterations {
                try reader.feed(bytes)
                blackHole(try reader.next()?.value)
            }
        }
    }
}

/// What XREADGROUP answers.
private func delivery(of jobs: Int) -> String {
    let entries = (0..<jobs).map { number in
        let fields = [
            "id", "01980d5f-8c00-7000-8000-00000000000\(number % 10)", "kind", "sms", "attempt", "1", "at",
            "1800000000000", "payload", payload, "meta", "{}",
        ]
        return array([bulk("1800000000000-\(number)"), array(fields.map(bulk))])
    }
    return array([array([bulk("sms"), array(entries)])])
}

private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

private func array(_ elements: [String]) -> String { "*\(elements.count)\r\n" + elements.joined() }
